// The file in which a person's servers stand, with their tokens. Every function blocks; any thread.
#pragma once

#include "config/client_config.hpp"

#include <filesystem>
#include <functional>

namespace pawl::client {

// The contents of the file; empty if there is none. invalid_argument with a line for each problem,
// and for a file that holds tokens and that others can read.
result<config::client_config> read_server_file(const std::filesystem::path& path);

// Replaces the file by what `change` makes of it: atomically, with mode 0600, and one process after
// another. Its directory is made if it is missing. If `change` fails, nothing is written.
result<void> change_server_file(const std::filesystem::path& path,
                                const std::function<result<void>(config::client_config&)>& change);

} // namespace pawl::client
