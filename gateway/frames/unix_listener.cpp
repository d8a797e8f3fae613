#include "gateway/frames/unix_listener.hpp"

#include "gateway/frames/connection.hpp"
#include "gateway/frames/local_clients.hpp"
#include "gateway/transport/ending_broker.hpp"
#include "gateway/transport/open_connections.hpp"
#include "gateway/transport/unix_transport.hpp"

#include <caf/io/middleman.hpp>

#include <map>
#include <unistd.h>
#include <utility>

namespace pawl::gateway {

namespace {

constexpr std::size_t remembered_users = 1024;

// The listener's actor; all in the multiplexer's thread.
class listener_state {
public:
  explicit listener_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "listener";

  caf::behavior start(int descriptor, session_factory make_session,
                      const listener_settings& settings) {
    make_session_ = std::move(make_session);
    settings_ = settings.connection;
    connections_.emplace(self_, settings);
    clients_.emplace(::geteuid(), settings.connections);
    self_->set_down_handler([this](const caf::down_msg& m) { on_connection_gone(m.source); });
    self_->set_default_handler(caf::drop);
    connections_->listen(descriptor,
                         [](int socket) { return std::make_shared<unix_transport>(socket); });
    return {
        [this](const caf::io::new_connection_msg& m) { on_new_connection(m.handle); },
        [this](const caf::io::acceptor_closed_msg&) { connections_->on_socket_lost(); },
        [this](listening_lost) { connections_->on_socket_lost(); },
        [this](accept_again) { connections_->accept_again_now(); },
        [this](stop_accepting_now) { connections_->stop_accepting(); },
        [this](close_all_now) { connections_->close_all(); },
    };
  }

private:
  void on_new_connection(caf::io::connection_handle socket) {
    auto uid = peer_uid(static_cast<int>(socket.id()));
    if (!uid || !clients_->admits(*uid, connections_->in_all())) {
      self_->close(socket);
      return;
    }
    const auto connection = self_->fork(
        [who = peer{name_of(*uid), *uid}, make_session = make_session_, settings = settings_,
         below = connections_->latest()](connection_actor* self,
                                         caf::io::connection_handle handle) -> caf::behavior {
          return self->state.start({handle, below, {}}, who, make_session, settings);
        },
        socket);
    connections_->add(connection);
    clients_->add(*uid);
    uids_.emplace(connection.address(), *uid);
  }

  void on_connection_gone(const caf::actor_addr& connection) {
    if (const auto known = uids_.find(connection); known != uids_.end()) {
      clients_->remove(known->second);
      uids_.erase(known);
    }
    connections_->remove(connection);
  }

  // Looking a user up may ask a network, and everybody waits meanwhile: once for each user.
  const std::string& name_of(uid_t uid) {
    if (users_.size() >= remembered_users)
      users_.clear();
    auto known = users_.find(uid);
    if (known == users_.end())
      known = users_.emplace(uid, user_name(uid)).first;
    return known->second;
  }

  caf::io::broker* self_;
  session_factory make_session_;
  connection_settings settings_;
  std::optional<open_connections> connections_; // from start() on
  std::optional<local_clients> clients_;        // the same
  std::map<caf::actor_addr, uid_t> uids_;       // of the connections
  std::map<uid_t, std::string> users_;
};

using listener_actor = stateful_ending_broker<listener_state>;

} // namespace

unix_listener::~unix_listener() {
  close();
}

void unix_listener::stop_accepting() {
  if (!listener_)
    return;
  remove_socket_file(socket_);
  caf::anon_send(listener_, stop_accepting_now::value);
}

void unix_listener::close() {
  if (!listener_)
    return;
  remove_socket_file(socket_);
  caf::anon_send(std::exchange(listener_, nullptr), close_all_now::value);
}

result<unix_listener> listen_unix(caf::actor_system& system, const std::filesystem::path& path,
                                  session_factory make_session, const listener_settings& settings) {
  auto socket = bind_unix_socket(path, directory_lock::patience, settings.socket_group);
  if (!socket)
    return std::move(socket).error();
  // CAF dereferences a null pointer for a function without arguments, so the descriptor is one.
  auto listener = system.middleman().spawn_broker(
      [make = std::move(make_session), settings](listener_actor* self, int descriptor) {
        return self->state.start(descriptor, make, settings);
      },
      socket->descriptor.release());
  tell_of_death(listener, settings);
  return unix_listener{std::move(listener), *std::move(socket)};
}

} // namespace pawl::gateway
