// Sockets of the network: one that listens, and who is at the other end of a connected one.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"

#include <optional>
#include <string>

namespace pawl::gateway {

struct bound_tcp_socket {
  pawl::descriptor descriptor; // listens; non-blocking, close-on-exec
  std::string endpoint;        // IP:PORT, [IP]:PORT, as the kernel says
};

// Listens at IP:PORT or [IP]:PORT; port 0 takes a free one, and [::] takes IPv4 too. Errors:
// invalid_argument for a text that is none, unavailable when it is taken, not this machine's, or
// not permitted, with the reason and the setting that names it.
result<bound_tcp_socket> bind_tcp_socket(const std::string& endpoint);

// The address of the peer of a connected socket, an IPv4 one also on a socket of IPv6. Nothing if
// the peer is gone.
std::optional<std::string> peer_address(int descriptor);

// Has written bytes sent at once, and not held back until the peer has acknowledged the rest.
void send_without_delay(int descriptor);

} // namespace pawl::gateway
