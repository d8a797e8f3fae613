// The sockets of other processes, as the kernel knows them.
#pragma once

#include "posix/descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace pawl {

// Calls for each socket of the process, with a descriptor of this process's that lives as long as
// the call. `process` is a pidfd of it. Looks at `most` descriptors, and counts `most` down. None
// for a process that has ended or may not be looked into. Blocks for some microseconds for each
// descriptor; any thread.
void for_each_socket(pid_t pid, const descriptor& process, std::size_t& most,
                     const std::function<void(const descriptor&)>& call);

// The target of a link in /proc, such as a namespace; empty if it cannot be read.
std::string proc_link(const std::filesystem::path& path);

struct listening_sockets {
  // IP:PORT, [IP]:PORT. A socket on [::] that takes IPv4 too is there as 0.0.0.0 as well.
  std::set<std::string> tcp = {};
  std::set<std::string> local = {}; // paths of Unix sockets, @NAME of those without one; any bytes
};

// Where those of the processes listen that are in the namespace of processes of `first`, whatever
// has become of the others' numbers. Looks at `most` descriptors and processes in all.
listening_sockets listening_sockets_of(pid_t first, const std::vector<pid_t>& processes,
                                       std::size_t most);

} // namespace pawl
