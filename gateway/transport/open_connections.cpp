#include "gateway/transport/open_connections.hpp"

#include "actors/session.hpp"

#include <utility>

namespace pawl::gateway {

void tell_of_death(const caf::actor& listener, const listener_settings& settings) {
  if (!settings.on_death)
    return;
  caf::actor_cast<caf::abstract_actor*>(listener)->attach_functor(
      [tell = settings.on_death](const caf::error& why) {
        if (why)
          tell(caf::to_string(why));
      });
}

open_connections::open_connections(caf::io::broker* self, const listener_settings& settings)
    : self_(self), most_(settings.connections),
      in_all_(settings.in_all ? settings.in_all : std::make_shared<std::size_t>(0)) {}

void open_connections::listen(int descriptor, transport_factory make_transport) {
  auto& backend = static_cast<caf::io::network::default_multiplexer&>(self_->backend());
  doorman_ = caf::make_counted<socket_doorman>(backend, descriptor, std::move(make_transport));
  self_->add_doorman(doorman_);
}

void open_connections::add(const caf::actor& connection) {
  self_->monitor(connection);
  connections_.emplace(connection.address(), connection);
  count_one();
}

void open_connections::remove(const caf::actor_addr& connection) {
  *in_all_ -= connections_.erase(connection);
  quit_if_done();
}

void open_connections::accept_again_now() {
  if (doorman_)
    self_->trigger(doorman_->hdl());
}

void open_connections::stop_accepting() {
  if (auto doorman = std::exchange(doorman_, nullptr))
    self_->close(doorman->hdl());
}

void open_connections::close_all() {
  stop_accepting();
  closing_ = true;
  for (const auto& [address, connection] : connections_)
    self_->send(connection, close_connection{});
  quit_if_done();
}

void open_connections::on_socket_lost() {
  if (doorman_)
    self_->quit(caf::make_error(caf::sec::runtime_error, "the listening socket is lost"));
}

void open_connections::quit_if_done() {
  if (closing_ && connections_.empty())
    self_->quit();
}

} // namespace pawl::gateway
