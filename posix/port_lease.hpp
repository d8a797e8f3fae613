// Ports of 127.0.0.1 for what listens on them a little later.
#pragma once

#include "posix/files.hpp"

#include <cstdint>
#include <utility>

namespace pawl {

struct port_range {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

// Below those that Linux gives to outgoing connections by default (32768 and up), which would take
// the port of an app that is being started again.
inline constexpr port_range instance_ports{20'000, 32'767};

// A port that no other lease is of, whoever holds it: this process, or another on this machine (in
// this network namespace, to be exact, like the port itself). It ends with the object, and with the
// process. A program that takes ports without a lease keeps them by listening first.
class port_lease {
public:
  port_lease() = default;

  std::uint16_t port() const { return port_; }

private:
  friend result<port_lease> lease_port(port_range among);
  friend port_lease lease_again(std::uint16_t port);
  port_lease(std::uint16_t port, descriptor claim) : port_(port), claim_(std::move(claim)) {}

  std::uint16_t port_ = 0;
  descriptor claim_;
};

// One of the range that nobody has leased and on which nobody listens, at random: what is gone
// leaves clients behind, which should not meet the next app at once. resource_exhausted if there is
// none.
result<port_lease> lease_port(port_range among);

// Of a port that was leased before this process began, and that is in use already. If somebody
// else has leased it since, this lease is a number alone.
port_lease lease_again(std::uint16_t port);

} // namespace pawl
