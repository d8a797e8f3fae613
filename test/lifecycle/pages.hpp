// The pages of docs/ that are written from lifecycle's tables, so that they cannot drift from them.
#pragma once

#include <string>

namespace pawl::test {

// docs/states.md: the states, what the server does in each, and the diagram of the moves.
std::string states_page();

// docs/errors.md: the codes with their exit and HTTP statuses.
std::string errors_page();

} // namespace pawl::test
