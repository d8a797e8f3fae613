#include "actors/session/session.hpp"

#include "actors/session/authentication.hpp"

namespace pawl {

caf::behavior session(caf::stateful_actor<session_state, asking<caf::event_based_actor>>* self,
                      std::shared_ptr<const server_parts> parts, server_actors actors,
                      caf::actor connection, peer who) {
  self->monitor(connection);
  self->state.core.emplace(self, std::move(parts), std::move(actors), std::move(connection),
                           std::move(who));
  auto& core = *self->state.core;
  self->set_down_handler([&core](const caf::down_msg& down) {
    if (down.source == core.context().connection)
      return core.quit();
    core.follows().forget(down.source);
  });
  self->set_default_handler(caf::drop);
  return {
      [&core](client_request& request) { core.receive(request.message); },
      [&core](unreadable_input& input) { core.end_unreadable(std::move(input.why)); },
      [&core](follow_ended& what) { core.follows().end(what); },
      [&core](const credential_revoked_now&) { core.end_with(credential_revoked()); },
      [&core](const credential_due&) { core.look_at_credential(); },
  };
}

session_factory make_session_factory(caf::actor_system& system,
                                     std::shared_ptr<const server_parts> parts,
                                     server_actors actors) {
  return [&system, parts = std::move(parts),
          actors = std::move(actors)](const caf::actor& connection, const peer& who) {
    return system.spawn(session, parts, actors, connection, who);
  };
}

} // namespace pawl
