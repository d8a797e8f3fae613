// Ports of 127.0.0.1 for what listens on them a little later.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>

namespace pawl {

struct port_range {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

// Below those that Linux gives to outgoing connections by default (32768 and up), which would take
// the port of an app that is being started again.
inline constexpr port_range instance_ports{20'000, 32'767};

// A port on which nobody listens now, of the range, at random: two programs that look at the same
// moment rarely find the same one. resource_exhausted if there is none.
result<std::uint16_t> free_port(port_range among);

} // namespace pawl
