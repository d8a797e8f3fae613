// Checks a stored deployment by itself: whether moves of the state machine can have led to it.
#pragma once

#include "lifecycle/deployment.hpp"

#include <string>
#include <vector>

namespace pawl {

// The first rule that the record breaks, in words for people; empty if it breaks none.
std::string problem_of(const deployment& d);

// The states that the deployment's journal has events for. States after `active` are in the journal
// of the deployment that replaced it.
std::vector<state> journaled_states(const deployment& d);

} // namespace pawl
