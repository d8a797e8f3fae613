// The pages of docs/ that are written from lifecycle's tables, so that they cannot drift from them.
#pragma once

#include "lifecycle/switch_ledger.hpp"

#include <string>

namespace pawl::test {

// docs/states.md: the states, what the server does in each, and the diagram of the moves; and the
// same of a deployment's routing.
std::string states_page();

// docs/errors.md: the codes with their exit and HTTP statuses.
std::string errors_page();

// A ledger in which the deployment has come to the state, by events alone.
switch_ledger ledger_with(const std::string& deployment, routing wanted);

} // namespace pawl::test
