// The TLS handshake over a connected socket. Blocks; any thread.
#pragma once

#include "client/link/tls_session.hpp"
#include "posix/socket_wait.hpp"

#include <memory>

namespace pawl::client {

// A session over the socket, whose server was checked. The errors of tls_session; unavailable if
// the server hangs up or takes too long. The socket is non-blocking afterwards.
result<std::unique_ptr<tls_session>> shake_hands(const known_server& server,
                                                 const descriptor& socket, deadline until);

} // namespace pawl::client
