// A session for a client that is refused before it is known who it is: the words reach it as an
// answer to its greeting.
#pragma once

#include "actors/session.hpp"

namespace pawl::gateway {

// Answers the first message with the refusal, and ends. It has nothing of the server.
session_factory refusing_sessions(caf::actor_system& system, error why);

} // namespace pawl::gateway
