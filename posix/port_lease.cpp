#include "posix/port_lease.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstddef>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>
#include <sys/un.h>
#include <utility>

namespace pawl {

namespace {

result<bool> can_be_bound(std::uint16_t port) {
  descriptor probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!probe)
    return system_error("create a socket", errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(port);
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  return ::bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Binds a name in the kernel's abstract namespace of unix sockets: one process can have it, it is
// free as soon as that process ends, and it is as wide as the ports' namespace. Empty if it is
// taken.
result<descriptor> claim(std::uint16_t port) {
  descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket)
    return system_error("create a socket", errno);
  const auto name = fmt::format("pawl/port/{}", port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1); // the 0 before it makes it abstract
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0)
    return socket;
  if (errno == EADDRINUSE)
    return descriptor{};
  return system_error("claim " + name, errno);
}

} // namespace

// The claim comes before the test: a lease whose program does not listen yet counts.
result<port_lease> lease_port(port_range among) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const unsigned count = among.last - among.first + 1U;
  const auto begin = random() % count;
  for (unsigned i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(among.first + (begin + i) % count);
    auto claimed = claim(port);
    if (!claimed)
      return std::move(claimed).error();
    if (!*claimed)
      continue;
    const auto free = can_be_bound(port);
    if (!free)
      return free.error();
    if (*free)
      return port_lease{port, *std::move(claimed)};
  }
  return error{errc::resource_exhausted,
               fmt::format("127.0.0.1 has no free port from {} to {}", among.first, among.last),
               {}};
}

port_lease lease_again(std::uint16_t port) {
  auto claimed = claim(port);
  return {port, claimed ? *std::move(claimed) : descriptor{}};
}

} // namespace pawl
