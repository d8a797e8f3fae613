// Connected sockets. Every function blocks; any thread.
#pragma once

#include "client/link/server_address.hpp"
#include "posix/socket_wait.hpp"

namespace pawl::client {

// A socket that is connected to the address. unavailable if nobody listens there, if the name has
// no address, or if it took too long; permission_denied if the socket is another user's;
// invalid_argument if the path is too long. The message names the place, the reason and the remedy.
result<descriptor> connect_socket(const server_address& address, deadline until);

// How messages call the place of a server, and under which name its details do.
std::string place_of(const server_address& address); // "/run/pawl/pawld.sock", "host:7420"
std::map<std::string, std::string> details_of(const server_address& address);

} // namespace pawl::client
