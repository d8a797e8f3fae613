#include "engines/process/network/network_gate.hpp"

#include "engines/process/sandbox/sandbox.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <unistd.h>

namespace pawl {

result<void> network_gate::hold(launch& what) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_error("create a pipe", errno);
  waiting_ = descriptor{ends[0]};
  opening_ = descriptor{ends[1]};
  what.descriptors.emplace_back(waiting_.get(), sandbox_gate_fd);
  return {};
}

result<void> network_gate::open(const isolated_networks& networks, const std::string& cluster,
                                std::uint16_t port, pid_t first) {
  const auto process = open_process(first);
  auto connected = networks.connect(cluster, port, first);
  if (connected && !write_all(opening_.get(), "x"))
    connected = error{errc::not_found, "a sandbox ended before its command began", {}};
  if (!connected) {
    signal_process(process, SIGKILL);
    wait_for_end(process, death_timeout);
  }
  opening_.reset();
  return connected;
}

} // namespace pawl
