// Ports of 127.0.0.1 for programs that will listen on them a little later.
#pragma once

#include "posix/files.hpp"

#include <cstdint>
#include <utility>

namespace pawl {

struct port_range {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

// Below the ports that Linux gives to outgoing connections by default (32768 and up): one of those
// could take the port of an app that is being restarted.
inline constexpr port_range instance_ports{20'000, 32'767};

// The right to a port: no other lease of this user on this machine, in this or another process, has
// the same port at the same time (more exactly: in this network namespace, as the port itself). It
// ends with the object, and with the process. A program that uses ports without a lease, or that
// another user's server has started, keeps those on which it listened first.
//
// The leases are the user's own records: locks on a file in a directory that is closed to others.
class port_lease {
public:
  port_lease() = default;

  std::uint16_t port() const { return port_; }

private:
  friend result<port_lease> lease_port(port_range among);
  friend port_lease lease_again(std::uint16_t port);
  port_lease(std::uint16_t port, descriptor claim) : port_(port), claim_(std::move(claim)) {}

  std::uint16_t port_ = 0;
  descriptor claim_; // of the file of leases, with its own lock
};

// A random port of the range that is not leased and that no program has bound; resource_exhausted
// if there is none. Random, because clients of an app that has ended may still connect to its port,
// and should not reach the next app.
result<port_lease> lease_port(port_range among);

// A lease of a port that an earlier process leased and that an app already uses. If another process
// has leased it meanwhile, this lease has the number but protects nothing.
port_lease lease_again(std::uint16_t port);

} // namespace pawl
