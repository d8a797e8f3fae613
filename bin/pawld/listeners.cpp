#include "bin/pawld/listeners.hpp"

#include "bin/pawld/endpoint.hpp"
#include "gateway/frames/unix_listener.hpp"
#include "gateway/remote/certificate_watch.hpp"
#include "gateway/remote/tls_listener.hpp"

#include <fmt/format.h>

#include <mutex>
#include <optional>
#include <utility>

namespace pawl {

namespace {

timestamp wall_time() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// The listener for the network, and the watch over its certificate.
class watched_tls_listener {
public:
  watched_tls_listener(gateway::tls_listener listener, std::string fingerprint, listeners::say log)
      : listener_(std::move(listener)), fingerprint_(std::move(fingerprint)), log_(std::move(log)) {
  }

  // `used`: the files before they were read for the listener, so that no change is missed.
  void watch(const config::tls_settings& settings, gateway::credential_file_states used) {
    watch_.emplace(
        credential_files_of(settings), std::move(used), wall_time,
        [this](const result<gateway::tls_credentials>& read) { take(read); },
        limits::certificate_look);
  }

  void take(const result<gateway::tls_credentials>& read) {
    if (!read) {
      log_("the certificate for TLS stays the one from before, because the new one cannot be "
           "used: " +
           read.error().message);
      return;
    }
    for (const auto& warning : read->warnings)
      log_("warning: " + warning);
    listener_.use(*read);
    {
      const std::lock_guard lock{mutex_};
      fingerprint_ = read->fingerprint;
    }
    log_(fmt::format("{} (TLS): the certificate was read again, fingerprint {}",
                     listener_.endpoint(), read->fingerprint));
  }

  void read_again() { watch_->read_again(); }

  protocol::server_place place_for_others() const {
    auto where = parse_endpoint(listener_.endpoint());
    where.host = reached_host(where.host);
    const std::lock_guard lock{mutex_};
    return {to_text(where), fingerprint_};
  }

  void close() {
    watch_.reset();
    listener_.close();
  }

private:
  gateway::tls_listener listener_;
  mutable std::mutex mutex_; // the watch has a thread of its own
  std::string fingerprint_;
  listeners::say log_;
  std::optional<gateway::certificate_watch> watch_; // last: it uses the others
};

class open_listeners final : public listeners {
public:
  explicit open_listeners(gateway::unix_listener local) : local_(std::move(local)) {}

  result<void> add_tls(caf::actor_system& system, const config::tls_settings& settings,
                       const session_factory& make_session, gateway::listener_settings bounds,
                       const say& log) {
    gateway::credential_file_states used{credential_files_of(settings)};
    auto credentials = gateway::read_credentials(credential_files_of(settings), wall_time());
    if (!credentials)
      return std::move(credentials).error();
    for (const auto& warning : credentials->warnings)
      log("warning: " + warning);
    bounds.connection.hello_timeout = limits::trust_timeout;
    bounds.connections -= limits::connections_kept;
    auto opened = gateway::listen_tls(system, settings.listen, *credentials, make_session, bounds);
    if (!opened)
      return std::move(opened).error();
    log(fmt::format("listening on {} (TLS), fingerprint {}", opened->endpoint(),
                    credentials->fingerprint));
    remote_ =
        std::make_unique<watched_tls_listener>(*std::move(opened), credentials->fingerprint, log);
    remote_->watch(settings, std::move(used));
    return {};
  }

  void close() override {
    if (remote_)
      remote_->close();
    local_.close();
  }

  std::optional<protocol::server_place> place_for_others() const override {
    if (!remote_)
      return std::nullopt;
    return remote_->place_for_others();
  }

  void read_certificates_again() override {
    if (remote_)
      remote_->read_again();
  }

private:
  gateway::unix_listener local_;
  std::unique_ptr<watched_tls_listener> remote_; // without [listen] tls there is none
};

} // namespace

gateway::credential_files credential_files_of(const config::tls_settings& settings) {
  return {settings.certificate, settings.key, settings.client_ca};
}

result<std::unique_ptr<listeners>> listeners::open(caf::actor_system& system,
                                                   const config::server_config& settings,
                                                   const session_factory& make_session,
                                                   const say& lost, const say& log) {
  const auto lost_at = [lost](std::string where) {
    return [lost, where = std::move(where)](std::string_view reason) {
      lost(fmt::format("the listener on {} stopped: {}", where, reason));
    };
  };
  gateway::listener_settings bounds;
  bounds.in_all = std::make_shared<std::size_t>(0);
  bounds.log = log;
  bounds.on_death = lost_at(settings.socket.string());
  bounds.socket_group = settings.socket_group;
  auto local = gateway::listen_unix(system, settings.socket, make_session, bounds);
  if (!local)
    return std::move(local).error();
  log(fmt::format("pawld {} listens on {}", PAWL_VERSION, settings.socket.string()));
  auto all = std::make_unique<open_listeners>(*std::move(local));
  if (settings.tls) {
    bounds.on_death = lost_at(settings.tls->listen);
    if (auto added = all->add_tls(system, *settings.tls, make_session, bounds, log); !added)
      return std::move(added).error();
  }
  return {std::move(all)};
}

} // namespace pawl
