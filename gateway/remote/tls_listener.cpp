#include "gateway/remote/tls_listener.hpp"

#include "gateway/frames/connection.hpp"
#include "gateway/frames/refusing_session.hpp"
#include "gateway/http/http_connection.hpp"
#include "gateway/remote/strangers.hpp"
#include "gateway/transport/open_connections.hpp"
#include "gateway/transport/tcp_socket.hpp"
#include "gateway/transport/tls_transport.hpp"
#include "lifecycle/ip_address.hpp"
#include "lifecycle/login_throttle.hpp"

#include <caf/io/middleman.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace pawl::gateway {

namespace {

using look_around = caf::atom_constant<caf::atom("lookaround")>;
using clock = std::chrono::steady_clock;

// A stranger by its socket while the handshake goes on, and then by the actor that serves it.
using strangers = strangers_in_order<std::variant<caf::io::connection_handle, caf::actor>>;

// A connection whose handshake goes on.
struct shaking_hands {
  std::shared_ptr<tls_transport> below;
  std::string address;
  clock::time_point since;
  strangers::place place;
};

// A connection that an actor serves.
struct served_client {
  std::string counted; // its address, as limits count it
  strangers::place place;
  bool may_log_in = false; // it speaks frames, and nothing was decided yet
};

// The listener's actor; all in the multiplexer's thread.
class tls_listener_state {
public:
  explicit tls_listener_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "tls_listener";

  caf::behavior start(int descriptor, const tls_credentials& credentials,
                      session_factory make_session, const listener_settings& settings) {
    make_session_ = std::move(make_session);
    settings_ = settings;
    credentials_ = credentials;
    connections_.emplace(self_, settings);
    self_->set_down_handler([this](const caf::down_msg& m) { on_connection_gone(m.source); });
    self_->set_default_handler(caf::drop);
    connections_->listen(descriptor, [this](int socket) {
      send_without_delay(socket);
      return tls_transport::make(socket, credentials_);
    });
    return {
        [this](const caf::io::new_connection_msg& m) { on_new_connection(m.handle); },
        [this](const connection_opened& m) { on_opened(m.socket); },
        [this](const caf::io::connection_closed_msg& m) { on_handshake_failed(m.handle); },
        [this](client_admitted) { on_admitted(sender()); },
        [this](login_refused) { on_login_refused(sender()); },
        [this](look_around) { on_look_around(); },
        [this](const new_credentials& m) { credentials_ = m.what; },
        [this](const caf::io::acceptor_closed_msg&) { connections_->on_socket_lost(); },
        [this](listening_lost) { connections_->on_socket_lost(); },
        [this](accept_again) { connections_->accept_again_now(); },
        [this](stop_accepting_now) { connections_->stop_accepting(); },
        [this](close_all_now) { close_all(); },
    };
  }

private:
  caf::actor_addr sender() const {
    return caf::actor_cast<caf::actor_addr>(self_->current_sender());
  }

  void on_new_connection(caf::io::connection_handle socket) {
    const auto address = peer_address(static_cast<int>(socket.id()));
    if (!address) // it is gone already
      return static_cast<void>(self_->close(socket));
    const auto counted = counted_address(*address);
    if (strangers_.are_crowd(counted))
      return turn_away(socket, stranger_end::crowd, *address);
    if (!connections_->has_room() && !displace_first())
      return turn_away(socket, stranger_end::full, *address);
    connections_->count_one();
    handshakes_.emplace(
        socket, shaking_hands{std::static_pointer_cast<tls_transport>(connections_->latest()),
                              *address, clock::now(), strangers_.add(counted, socket)});
    self_->configure_read(socket, caf::io::receive_policy::at_most(1)); // the handshake begins
    look_around_soon();
  }

  void turn_away(caf::io::connection_handle socket, stranger_end why, const std::string& address) {
    self_->close(socket);
    note(why, address);
  }

  // The stranger that has waited longest makes room for another connection. False if there is none.
  bool displace_first() {
    const auto* first = strangers_.first();
    if (first == nullptr)
      return false;
    if (const auto* served = std::get_if<caf::actor>(first)) {
      // Without the time that a connection has to take what is unsent: its place is needed now.
      self_->send_exit(*served, caf::exit_reason::kill);
      const auto found = clients_.find(served->address());
      found->second.may_log_in = false; // it is told about here
      note(stranger_end::displaced, found->second.counted);
      strangers_.leave(found->second.place);
      return true;
    }
    const auto found = handshakes_.find(std::get<caf::io::connection_handle>(*first));
    turn_away(found->first, stranger_end::displaced, found->second.address);
    forget_handshake(found);
    return true;
  }

  void on_opened(caf::io::connection_handle socket) {
    const auto found = handshakes_.find(socket);
    if (found == handshakes_.end())
      return;
    const auto shaken = std::move(found->second);
    handshakes_.erase(found);
    connections_->discount_one();
    const bool frames = shaken.below->protocol() == frames_protocol;
    const auto connection = frames ? serve_frames(socket, shaken) : serve_http(socket, shaken);
    connections_->add(connection);
    strangers_.rename(shaken.place, connection);
    clients_.emplace(connection.address(),
                     served_client{counted_address(shaken.address), shaken.place, frames});
  }

  std::chrono::milliseconds time_left(const shaking_hands& shaken) const {
    const auto left = settings_.connection.hello_timeout - (clock::now() - shaken.since);
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(left),
                    std::chrono::milliseconds{1});
  }

  caf::actor serve_frames(caf::io::connection_handle socket, const shaking_hands& shaken) {
    auto settings = settings_.connection;
    settings.hello_timeout = time_left(shaken);
    auto make_session = make_session_;
    if (const auto wait = throttle_.refuses(counted_address(shaken.address), clock::now())) {
      note(stranger_end::throttled, shaken.address);
      make_session = refusing_sessions(self_->system(), refusal_of(shaken.address, *wait));
    }
    return self_->fork(
        [who = peer{shaken.below->client_name(), 0, shaken.address, shaken.below->client_expiry()},
         make = std::move(make_session), settings, below = shaken.below,
         listener = caf::actor_cast<caf::actor>(self_)](
            connection_actor* self, caf::io::connection_handle handle) -> caf::behavior {
          return self->state.start({handle, below, listener}, who, make, settings);
        },
        socket);
  }

  caf::actor serve_http(caf::io::connection_handle socket, const shaking_hands& shaken) {
    std::optional<http_answer> refusal;
    if (const auto wait = throttle_.refuses(counted_address(shaken.address), clock::now())) {
      note(stranger_end::throttled, shaken.address);
      refusal = http_answer{429,
                            refusal_of(shaken.address, *wait).message + "\n",
                            {{"Retry-After", std::to_string(wait->count())}}};
    }
    return self_->fork(
        [settings = settings_.connection, below = shaken.below, time = time_left(shaken),
         refusal = std::move(refusal)](http_connection_actor* self,
                                       caf::io::connection_handle handle) -> caf::behavior {
          return self->state.start({handle, below, {}}, settings, time, refusal);
        },
        socket);
  }

  static error refusal_of(const std::string& address, std::chrono::seconds wait) {
    return {errc::resource_exhausted,
            fmt::format("{} failed logins came from {}: the server takes none from there for {} s "
                        "more",
                        limits::failed_logins, address, wait.count()),
            {{"retry_after", std::to_string(wait.count())}}};
  }

  void on_handshake_failed(caf::io::connection_handle socket) {
    const auto found = handshakes_.find(socket);
    if (found == handshakes_.end())
      return;
    const auto& problem = found->second.below->problem();
    note(stranger_end::handshake, found->second.address,
         problem.empty() ? "it closed the connection" : problem);
    forget_handshake(found);
  }

  void on_admitted(const caf::actor_addr& connection) {
    const auto found = clients_.find(connection);
    if (found == clients_.end())
      return;
    found->second.may_log_in = false;
    strangers_.leave(found->second.place);
  }

  void on_login_refused(const caf::actor_addr& connection) {
    const auto found = clients_.find(connection);
    if (found == clients_.end())
      return;
    throttle_.note_failure(found->second.counted, clock::now());
    found->second.may_log_in = false;
    note(stranger_end::refused, found->second.counted);
  }

  void on_connection_gone(const caf::actor_addr& connection) {
    const auto found = clients_.find(connection);
    if (found != clients_.end()) {
      const auto client = std::move(found->second);
      clients_.erase(found);
      strangers_.leave(client.place);
      if (client.may_log_in)
        note(stranger_end::no_login, client.counted);
    }
    connections_->remove(connection);
  }

  // One look for all handshakes: a timer for each would be a message for each.
  void on_look_around() {
    looking_ = false;
    const auto now = clock::now();
    for (auto next = handshakes_.begin(); next != handshakes_.end();) {
      const auto one = next++;
      if (now - one->second.since < settings_.connection.hello_timeout)
        continue;
      self_->close(one->first);
      note(stranger_end::silence, one->second.address, "no TLS handshake");
      forget_handshake(one);
    }
    if (auto sentence = report_.take(now); sentence && settings_.log)
      settings_.log(*sentence);
    if (!handshakes_.empty() || !report_.empty())
      look_around_soon();
  }

  void look_around_soon() {
    using std::chrono::milliseconds;
    if (std::exchange(looking_, true))
      return;
    self_->delayed_send(
        self_,
        std::clamp(settings_.connection.hello_timeout / 10, milliseconds{10}, milliseconds{1000}),
        look_around::value);
  }

  void note(stranger_end how, const std::string& address, std::string detail = {}) {
    report_.note(how, address, std::move(detail));
    look_around_soon();
  }

  using handshakes = std::map<caf::io::connection_handle, shaking_hands>;

  void forget_handshake(handshakes::iterator which) {
    strangers_.leave(which->second.place);
    connections_->discount_one();
    handshakes_.erase(which);
  }

  void close_all() {
    while (!handshakes_.empty()) {
      self_->close(handshakes_.begin()->first);
      forget_handshake(handshakes_.begin());
    }
    connections_->close_all();
  }

  caf::io::broker* self_;
  session_factory make_session_;
  listener_settings settings_;
  tls_credentials credentials_;
  std::optional<open_connections> connections_; // from start() on
  handshakes handshakes_;
  std::map<caf::actor_addr, served_client> clients_;
  strangers strangers_; // of both
  login_throttle throttle_;
  stranger_report report_;
  bool looking_ = false;
};

using tls_listener_actor = stateful_ending_broker<tls_listener_state>;

} // namespace

tls_listener::~tls_listener() {
  close();
}

void tls_listener::stop_accepting() {
  if (listener_)
    caf::anon_send(listener_, stop_accepting_now::value);
}

void tls_listener::close() {
  if (listener_)
    caf::anon_send(std::exchange(listener_, nullptr), close_all_now::value);
}

void tls_listener::use(const tls_credentials& credentials) {
  if (listener_)
    caf::anon_send(listener_, new_credentials{credentials});
}

listener_settings settings_for_strangers() {
  listener_settings settings;
  settings.connection.hello_timeout = limits::trust_timeout;
  settings.connections = limits::connections - limits::connections_kept;
  return settings;
}

result<tls_listener> listen_tls(caf::actor_system& system, const std::string& endpoint,
                                const tls_credentials& credentials, session_factory make_session,
                                const listener_settings& settings) {
  auto socket = bind_tcp_socket(endpoint);
  if (!socket)
    return std::move(socket).error();
  auto listener = system.middleman().spawn_broker(
      [make = std::move(make_session), credentials, settings](tls_listener_actor* self,
                                                              int descriptor) {
        return self->state.start(descriptor, credentials, make, settings);
      },
      socket->descriptor.release());
  tell_of_death(listener, settings);
  return tls_listener{std::move(listener), std::move(socket->endpoint)};
}

} // namespace pawl::gateway
