// Reads what a person set for the CLI: $XDG_CONFIG_HOME/pawl/config.toml.
#pragma once

#include "lifecycle/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pawl::config {

struct client_config {
  std::optional<std::string> server; // as with --server: unix:PATH or HOST:PORT
};

// Fails with one invalid_argument error whose message has a line for each problem.
result<client_config> read_client_config(std::string_view text);

} // namespace pawl::config
