#include "engines/free_port.hpp"

#include "engines/files.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>

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

} // namespace

result<std::uint16_t> free_port(port_range among) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const unsigned count = among.last - among.first + 1U;
  const auto begin = random() % count;
  for (unsigned i = 0; i < count; ++i) {
    auto port = static_cast<std::uint16_t>(among.first + (begin + i) % count);
    auto free = can_be_bound(port);
    if (!free)
      return std::move(free).error();
    if (*free)
      return port;
  }
  return error{errc::resource_exhausted,
               fmt::format("127.0.0.1 has no free port from {} to {}", among.first, among.last),
               {}};
}

} // namespace pawl
