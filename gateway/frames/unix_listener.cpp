#include "gateway/frames/unix_listener.hpp"

#include "gateway/frames/connection.hpp"
#include "gateway/transport/ending_broker.hpp"
#include "gateway/transport/unix_servants.hpp"

#include <caf/io/middleman.hpp>

#include <map>
#include <utility>

namespace pawl::gateway {

namespace {

using stop_accepting_now = caf::atom_constant<caf::atom("stopaccept")>;
using close_all_now = caf::atom_constant<caf::atom("closeall")>;

constexpr std::size_t remembered_users = 1024;

// The listener's actor; all in the multiplexer's thread.
class listener_state {
public:
  explicit listener_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "listener";

  caf::behavior start(int descriptor, session_factory make_session,
                      const listener_settings& settings) {
    make_session_ = std::move(make_session);
    settings_ = settings;
    auto& backend = static_cast<caf::io::network::default_multiplexer&>(self_->backend());
    doorman_ = caf::make_counted<unix_doorman>(backend, descriptor);
    self_->set_down_handler([this](const caf::down_msg& m) { on_connection_gone(m.source); });
    self_->set_default_handler(caf::drop);
    self_->add_doorman(doorman_);
    return {
        [this](const caf::io::new_connection_msg& m) { on_new_connection(m.handle); },
        [this](const caf::io::acceptor_closed_msg&) { on_socket_lost(); },
        [this](listening_lost) { on_socket_lost(); },
        [this](accept_again) { accept_again_now(); },
        [this](stop_accepting_now) { stop_accepting(); },
        [this](close_all_now) { close_all(); },
    };
  }

private:
  void on_new_connection(caf::io::connection_handle socket) {
    auto uid = peer_uid(static_cast<int>(socket.id()));
    if (!uid || connections_.size() >= settings_.connections) {
      self_->close(socket);
      return;
    }
    auto connection = self_->fork(
        [who = peer{name_of(*uid), *uid}, make_session = make_session_,
         settings = settings_.connection, below = doorman_->latest()](
            connection_actor* self, caf::io::connection_handle handle) -> caf::behavior {
          return self->state.start(handle, who, make_session, settings, below);
        },
        socket);
    self_->monitor(connection);
    connections_.emplace(connection.address(), connection);
  }

  // If we have closed it, there is no doorman any more.
  void on_socket_lost() {
    if (doorman_)
      self_->quit(caf::make_error(caf::sec::runtime_error, "the listening socket is lost"));
  }

  void on_connection_gone(const caf::actor_addr& connection) {
    connections_.erase(connection);
    quit_if_done();
  }

  void accept_again_now() {
    if (doorman_)
      self_->trigger(doorman_->hdl());
  }

  void stop_accepting() {
    if (auto doorman = std::exchange(doorman_, nullptr))
      self_->close(doorman->hdl());
  }

  void close_all() {
    stop_accepting();
    closing_ = true;
    for (const auto& [address, connection] : connections_)
      self_->send(connection, close_connection{});
    quit_if_done();
  }

  void quit_if_done() {
    if (closing_ && connections_.empty())
      self_->quit();
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
  listener_settings settings_;
  caf::intrusive_ptr<unix_doorman> doorman_;
  std::map<caf::actor_addr, caf::actor> connections_;
  std::map<uid_t, std::string> users_;
  bool closing_ = false;
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
  auto socket = bind_unix_socket(path);
  if (!socket)
    return std::move(socket).error();
  // CAF dereferences a null pointer for a function without arguments, so the descriptor is one.
  auto listener = system.middleman().spawn_broker(
      [make = std::move(make_session), settings](listener_actor* self, int descriptor) {
        return self->state.start(descriptor, make, settings);
      },
      socket->descriptor.release());
  if (settings.on_death)
    caf::actor_cast<caf::abstract_actor*>(listener)->attach_functor(
        [tell = settings.on_death](const caf::error& why) {
          if (why)
            tell(caf::to_string(why));
        });
  return unix_listener{std::move(listener), *std::move(socket)};
}

} // namespace pawl::gateway
