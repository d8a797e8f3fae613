#include "posix/bound_ports.hpp"

#include "posix/child_process.hpp"
#include "posix/process_sockets.hpp"

#include <fmt/format.h>

#include <limits>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace pawl {

namespace {

std::optional<std::uint16_t> bound_port(const descriptor& socket) {
  int protocol = 0;
  socklen_t size = sizeof protocol;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0 ||
      protocol != IPPROTO_TCP)
    return std::nullopt;
  sockaddr_in6 address{}; // its port is where that of a sockaddr_in is
  size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.sin6_port == 0)
    return std::nullopt;
  return ::ntohs(address.sin6_port);
}

} // namespace

// A list of the sockets that listen would not do: a port is taken by a socket that only is bound,
// and no list of the kernel's has those.
std::set<std::uint16_t> bound_ports(pid_t pid) {
  std::set<std::uint16_t> ports;
  const auto process = open_process(pid);
  if (!process || proc_link(fmt::format("/proc/{}/ns/net", pid)) != proc_link("/proc/self/ns/net"))
    return ports;
  auto all = std::numeric_limits<std::size_t>::max(); // the system bounds a process's descriptors
  for_each_socket(pid, process, all, [&](const descriptor& socket) {
    if (const auto port = bound_port(socket))
      ports.insert(*port);
  });
  return ports;
}

} // namespace pawl
