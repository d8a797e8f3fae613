// A listener of real sockets in a directory of its own.
#pragma once

#include "gateway/frames/unix_listener.hpp"
#include "test/gateway/sessions.hpp"
#include "test/support/temporary_directory.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>

#include <optional>
#include <stdexcept>

namespace pawl::test {

struct io_config : caf::actor_system_config {
  io_config() {
    set("scheduler.policy", caf::atom("sharing"));
    load<caf::io::middleman>();
  }
};

class server_fixture {
public:
  ~server_fixture() { stop(); }

  using sessions = session_factory (*)(caf::actor_system&, census&);

  void listen(sessions make, const gateway::listener_settings& settings = {}) {
    auto made = gateway::listen_unix(system_, socket(), make(system_, record), settings);
    if (!made)
      throw std::runtime_error(made.error().message);
    listener.emplace(*std::move(made));
  }

  std::filesystem::path socket() const { return directory.path() / "run" / "pawld.sock"; }

  void stop() {
    record.forget_sessions();
    listener.reset();
  }

  caf::actor_system& system() { return system_; }

  temporary_directory directory;
  census record;

private:
  io_config config_;
  caf::actor_system system_{config_};

public:
  std::optional<gateway::unix_listener> listener;
};

} // namespace pawl::test
