// TLS 1.3 as OpenSSL does it over TCP on the loopback, with nothing around it: what the machine
// sets for a server that speaks TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace pawl::bench {

class raw_tls {
public:
  // Listens with a certificate of its own, and serves one connection after the other, with a
  // thread. Throws std::runtime_error where that cannot be.
  raw_tls();
  ~raw_tls();
  raw_tls(const raw_tls&) = delete;
  raw_tls& operator=(const raw_tls&) = delete;

  // Seconds from the beginning of a connection until so many bytes, written in pieces of 256 KiB,
  // have been read at the other side, and that has been said.
  double seconds_to_send(std::size_t bytes);
  double seconds_to_shake_hands() { return seconds_to_send(0); }

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

// Connects to the port of 127.0.0.1, shakes hands and leaves. False if that does not come about.
bool shake_hands_and_leave(std::uint16_t port);

} // namespace pawl::bench
