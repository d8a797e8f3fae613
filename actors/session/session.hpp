// A session for each connection: asks the lanes or the store what the client asks, and answers. It
// decides nothing. Its contract with the listener is actors/session.hpp.
#pragma once

#include "actors/runtime/asking.hpp"
#include "actors/session/session_core.hpp"

#include <caf/stateful_actor.hpp>

namespace pawl {

struct session_state {
  static inline const char* name = "session";

  std::optional<session_core> core; // from its birth on
};

caf::behavior session(caf::stateful_actor<session_state, asking<caf::event_based_actor>>* self,
                      std::shared_ptr<const server_parts> parts, server_actors actors,
                      caf::actor connection, peer who);

// A listener calls it for each new connection.
session_factory make_session_factory(caf::actor_system& system,
                                     std::shared_ptr<const server_parts> parts,
                                     server_actors actors);

} // namespace pawl
