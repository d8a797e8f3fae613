// OpenSSL's reads and writes on a socket of ours.
#pragma once

#include "gateway/transport/hello_gate.hpp"
#include "gateway/transport/openssl_pointers.hpp"

#include <cstdint>

namespace pawl::gateway {

// The end of a connection that OpenSSL reads and writes. In place of its own BIO for sockets, whose
// write() raises SIGPIPE, and which counts and refuses nothing.
struct socket_end {
  int descriptor = -1;
  std::uint64_t received = 0; // bytes, as they came
  hello_gate gate = {};
  bool gated = true; // until the handshake is over
  bool refused = false;
};

// `end` outlives it. Empty without memory.
bio_pointer make_socket_bio(socket_end& end);

} // namespace pawl::gateway
