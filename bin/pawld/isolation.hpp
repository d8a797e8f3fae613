// The isolated clusters of a configuration, as the engine takes them.
#pragma once

#include "config/server_config.hpp"
#include "engines/process/network/isolated_networks.hpp"

namespace pawl {

isolated_network_config isolation_of(const config::server_config& settings);

} // namespace pawl
