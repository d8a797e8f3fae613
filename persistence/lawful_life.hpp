// Whether a stored deployment can have come to be by moves of the state machine.
#pragma once

#include "lifecycle/deployment.hpp"

#include <string>
#include <vector>

namespace pawl {

// What is wrong with a record by itself; empty: nothing.
std::string unlawful(const deployment& d);

// The states that its journal tells of; what follows `active` is told by the journal of the
// deployment that took its place.
std::vector<state> told_states(const deployment& d);

} // namespace pawl
