// Which ports other processes have, as the kernel knows it.
#pragma once

#include <cstdint>
#include <set>

#include <sys/types.h>

namespace pawl {

// The TCP ports to which sockets of the process are bound, whether it listens on them or not, in
// this process's network; none if the process has another network, has ended, or may not be looked
// into. Blocks for some microseconds for each of its descriptors; any thread.
std::set<std::uint16_t> bound_ports(pid_t pid);

} // namespace pawl
