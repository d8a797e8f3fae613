#include "posix/process_sockets.hpp"

#include "posix/child_process.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

int socket_option(const descriptor& socket, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(socket.get(), level, option, &value, &size) == 0 ? value : 0;
}

std::string ip_text(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

void add_ipv4(const sockaddr_storage& address, listening_sockets& found) {
  const auto& four = reinterpret_cast<const sockaddr_in&>(address);
  found.tcp.insert(fmt::format("{}:{}", ip_text(AF_INET, &four.sin_addr), ::ntohs(four.sin_port)));
}

void add_ipv6(const descriptor& socket, const sockaddr_storage& address, listening_sockets& found) {
  const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
  const auto port = ::ntohs(six.sin6_port);
  auto text = ip_text(AF_INET6, &six.sin6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
    found.tcp.insert(fmt::format("{}:{}", text.substr(text.rfind(':') + 1), port));
    return;
  }
  found.tcp.insert(fmt::format("[{}]:{}", text, port));
  if (IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr) &&
      socket_option(socket, IPPROTO_IPV6, IPV6_V6ONLY) == 0)
    found.tcp.insert(fmt::format("0.0.0.0:{}", port));
}

void add_local(const sockaddr_storage& address, socklen_t size, listening_sockets& found) {
  const auto& local = reinterpret_cast<const sockaddr_un&>(address);
  const auto bytes = size - std::min<std::size_t>(size, offsetof(sockaddr_un, sun_path));
  std::string path{local.sun_path, std::min(bytes, sizeof local.sun_path)};
  const bool unnamed = path.starts_with('\0');
  if (unnamed)
    path.front() = '@';
  else
    path.resize(std::min(path.find('\0'), path.size()));
  if (!path.empty())
    found.local.insert(std::move(path));
}

void add_if_listening(const descriptor& socket, listening_sockets& found) {
  if (socket_option(socket, SOL_SOCKET, SO_ACCEPTCONN) == 0)
    return;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return;
  const bool tcp = socket_option(socket, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP;
  if (address.ss_family == AF_INET && tcp)
    add_ipv4(address, found);
  else if (address.ss_family == AF_INET6 && tcp)
    add_ipv6(socket, address, found);
  else if (address.ss_family == AF_UNIX)
    add_local(address, size, found);
}

} // namespace

std::string proc_link(const fs::path& path) {
  std::error_code ignored;
  return fs::read_symlink(path, ignored).native();
}

void for_each_socket(pid_t pid, const descriptor& process, std::size_t& most,
                     const std::function<void(const descriptor&)>& call) {
  std::error_code ended;
  auto all = fs::directory_iterator{fmt::format("/proc/{}/fd", pid), ended};
  for (; most > 0 && !ended && all != fs::directory_iterator{}; all.increment(ended)) {
    --most;
    if (!proc_link(all->path()).starts_with("socket:"))
      continue;
    const auto number = all->path().filename().native();
    int theirs = -1;
    std::from_chars(number.data(), number.data() + number.size(), theirs);
    const descriptor ours{static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), theirs, 0))};
    if (ours)
      call(ours);
  }
}

listening_sockets listening_sockets_of(pid_t first, const std::vector<pid_t>& processes,
                                       std::size_t most) {
  listening_sockets found;
  const auto space = proc_link(fmt::format("/proc/{}/ns/pid", first));
  for (const auto pid : processes) {
    if (most == 0)
      break;
    --most;
    const auto process = open_process(pid);
    if (process && !space.empty() && proc_link(fmt::format("/proc/{}/ns/pid", pid)) == space)
      for_each_socket(pid, process, most,
                      [&](const descriptor& socket) { add_if_listening(socket, found); });
  }
  return found;
}

} // namespace pawl
