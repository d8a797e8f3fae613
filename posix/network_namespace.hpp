// Networks of processes: Linux's network namespaces. Any thread.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"

#include <functional>

#include <sys/types.h>

namespace pawl {

// The network of the process, which exists as long as the descriptor; not_found if the process has
// ended, and if it has the network of this thread.
result<descriptor> other_network_of(pid_t pid);

// A new network, in which nothing runs.
result<descriptor> new_network();

// Calls `work` on a thread of its own that is in the network, as are the programs that it starts,
// and gives its result. Root only. resource_exhausted without a thread. Blocks.
result<void> in_network(const descriptor& network, const std::function<result<void>()>& work);

} // namespace pawl
