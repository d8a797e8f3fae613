// The default paths: for root the system's, for other users those of the XDG base directory
// specification.
#pragma once

#include "lifecycle/result.hpp"

#include <sys/un.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace pawl::config {

// That the path of a socket may have.
inline constexpr std::size_t socket_path_bytes = sizeof(sockaddr_un::sun_path) - 1;

// The user and the environment, on which the defaults depend; a value, so that a test can choose
// them.
struct surroundings {
  bool root = false;
  // A variable of the environment: nothing if it is unset or empty.
  std::function<std::optional<std::string>(const char*)> variable;
};

// Those of this process.
surroundings own_surroundings();

// /run/pawl/pawld.sock, or $XDG_RUNTIME_DIR/pawl/pawld.sock. invalid_argument where neither is
// known.
result<std::filesystem::path> default_socket(const surroundings& here);

// /var/lib/pawl, or $XDG_STATE_HOME/pawl ($HOME/.local/state/pawl). invalid_argument where neither
// is known.
result<std::filesystem::path> default_data_directory(const surroundings& here);

// $XDG_CONFIG_HOME/pawl/config.toml ($HOME/.config/pawl/config.toml), for root too; nothing if
// there is no home.
std::optional<std::filesystem::path> client_config_file(const surroundings& here);

} // namespace pawl::config
