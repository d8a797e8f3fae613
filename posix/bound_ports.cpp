#include "posix/bound_ports.hpp"

#include "posix/child_process.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pawl {

namespace {

namespace fs = std::filesystem;

std::string link_at(const fs::path& path) {
  std::error_code ignored;
  return fs::read_symlink(path, ignored).native();
}

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
  const fs::path place = fmt::format("/proc/{}", pid);
  if (!process || link_at(place / "ns/net") != link_at("/proc/self/ns/net"))
    return ports;
  std::error_code ended;
  auto all = fs::directory_iterator{place / "fd", ended};
  for (; !ended && all != fs::directory_iterator{}; all.increment(ended)) {
    if (!link_at(all->path()).starts_with("socket:"))
      continue;
    const auto number = all->path().filename().native();
    int theirs = -1;
    std::from_chars(number.data(), number.data() + number.size(), theirs);
    const descriptor ours{static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), theirs, 0))};
    if (const auto port = ours ? bound_port(ours) : std::nullopt)
      ports.insert(*port);
  }
  return ports;
}

} // namespace pawl
