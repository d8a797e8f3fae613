// An isolated sandbox waits at a gate, before its command begins, until it has its network.
#pragma once

#include "engines/process/network/isolated_networks.hpp"
#include "posix/child_process.hpp"

namespace pawl {

class network_gate {
public:
  // Lets the sandbox that will be launched wait. resource_exhausted without descriptors.
  result<void> hold(launch& what);

  // The sandbox was launched. From here on the gate also opens when this process ends: the command
  // begins without a network then, and the next server ends it.
  void launched() { waiting_.reset(); }

  // Connects the sandbox of this first process and lets it go on; kills it if that fails. not_found
  // if it has ended: bubblewrap has said why.
  result<void> open(const isolated_networks& networks, const std::string& cluster,
                    std::uint16_t port, pid_t first);

private:
  descriptor waiting_;
  descriptor opening_;
};

} // namespace pawl
