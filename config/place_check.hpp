// Whether the places that a configuration names can be used as it says.
#pragma once

#include "config/server_config.hpp"

namespace pawl::config {

// Looks at the data directory, the socket and what is above them, as far as they exist, and
// for the files of [access]. Fails with
// one invalid_argument error that has a line for each problem. Rights and room are not looked at:
// they are those of the user who starts the server. Blocks.
result<void> check_places(const server_config& config);

} // namespace pawl::config
