// Which server the CLI talks to.
#pragma once

#include "client/link/server_link.hpp"
#include "config/places.hpp"

#include <string_view>

namespace pawl::client {

// "unix:PATH". unavailable for HOST:PORT, which this build cannot speak; invalid_argument for
// anything else.
result<server_address> parse_server(std::string_view text);

// The server of `chosen` (--server), else of PAWL_SERVER, else of the person's configuration, else
// the server's default socket. An empty text chooses nothing.
result<server_address> find_server(std::string_view chosen, const config::surroundings& here);

} // namespace pawl::client
