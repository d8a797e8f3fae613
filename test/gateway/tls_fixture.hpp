// A TLS listener of real sockets, with certificates of its own.
#pragma once

#include "gateway/remote/tls_listener.hpp"
#include "test/gateway/server_fixture.hpp"
#include "test/gateway/tls_client.hpp"
#include "test/support/program.hpp"

#include <boost/test/unit_test.hpp>

#include <mutex>

namespace pawl::test {

class tls_fixture {
public:
  tls_fixture() { renew_certificate(); }
  ~tls_fixture() { stop(); }

  using sessions = session_factory (*)(caf::actor_system&, census&);

  // With a new key.
  void renew_certificate() {
    write_certified_key(directory.path(), authority.issue(server_plan()));
  }

  gateway::credential_files files(bool with_clients = false) const {
    gateway::credential_files named{directory.path() / "server.crt",
                                    directory.path() / "server.key"};
    if (with_clients)
      named.client_ca = directory.path() / "clients.crt";
    return named;
  }

  gateway::tls_credentials credentials(bool with_clients = false) const {
    if (with_clients)
      write_text(directory.path() / "clients.crt", authority.certificate());
    auto read = gateway::read_credentials(
        files(with_clients),
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
    BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
    return *std::move(read);
  }

  void listen(const session_factory& make,
              const gateway::listener_settings& settings = gateway::settings_for_strangers(),
              bool with_clients = false) {
    auto told = settings;
    told.log = [this](std::string_view line) {
      const std::lock_guard lock{mutex_};
      lines_.emplace_back(line);
    };
    auto made = gateway::listen_tls(system_, "127.0.0.1:0", credentials(with_clients), make, told);
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    listener.emplace(*std::move(made));
  }

  void listen(sessions make = echo_sessions,
              const gateway::listener_settings& settings = gateway::settings_for_strangers(),
              bool with_clients = false) {
    listen(make(system_, record), settings, with_clients);
  }

  std::uint16_t port() const {
    const auto& endpoint = listener->endpoint();
    return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
  }

  std::vector<std::string> log() const {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

  void stop() {
    record.forget_sessions();
    listener.reset();
  }

  caf::actor_system& system() { return system_; }

  temporary_directory directory;
  certificate_authority authority;
  census record;

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  io_config config_;
  caf::actor_system system_{config_};

public:
  std::optional<gateway::tls_listener> listener;
};

} // namespace pawl::test
