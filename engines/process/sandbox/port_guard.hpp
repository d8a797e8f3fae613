// Keeps the processes of a control group from ports that are not theirs. The kernel enforces it,
// with a small program that is attached to the group and ends with it. Any thread.
#pragma once

#include "posix/port_lease.hpp"

#include <filesystem>

namespace pawl {

// From here on no process in the group can bind a TCP socket to a port of the range, except to
// `own`; bind(2) fails with EPERM. What is bound stays so. Replaces what was attached by an earlier
// call. False if that cannot be done: it takes root, and a group of version 2.
bool guard_ports(const std::filesystem::path& group, port_range closed, std::uint16_t own);

} // namespace pawl
