#include "gateway/frames/refusing_session.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace pawl::gateway {

namespace {

caf::behavior refuse_once(caf::event_based_actor* self, const caf::actor& connection,
                          const error& why) {
  self->monitor(connection);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->set_default_handler(caf::drop);
  const auto end = [=](const error& reason) {
    self->send(connection, server_answer{{0, protocol::refused{reason}}});
    self->quit();
  };
  return {
      [=](const client_request&) { end(why); },
      [=](const unreadable_input& input) { end(input.why); },
  };
}

} // namespace

session_factory refusing_sessions(caf::actor_system& system, error why) {
  return [&system, why = std::move(why)](const caf::actor& connection, const peer&) {
    return system.spawn(refuse_once, connection, why);
  };
}

} // namespace pawl::gateway
