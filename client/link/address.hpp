// Which server the CLI talks to.
#pragma once

#include "client/link/server_address.hpp"
#include "config/client_config.hpp"
#include "config/places.hpp"

#include <string_view>

namespace pawl::client {

// The server of `chosen` (--server), else of PAWL_SERVER, else of the person's configuration, else
// the server's default socket. Each is the name of a server that the person has logged in to, or an
// address. An empty text chooses nothing.
//
// A stored token and fingerprint are given for the address alone that they were stored for.
// PAWL_TOKEN and PAWL_FINGERPRINT take their place, and are meant for the server that is found
// without `chosen`: where that is another one, they are left out.
result<known_server> find_server(std::string_view chosen, const config::surroundings& here);

// A server at this address of which nothing is known but what PAWL_TOKEN and PAWL_FINGERPRINT say,
// where they are meant for it.
result<known_server> new_server(std::string_view address, const config::surroundings& here);

} // namespace pawl::client
