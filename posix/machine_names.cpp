#include "posix/machine_names.hpp"

#include "posix/descriptor.hpp"

#include <array>
#include <cstring>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pawl {

namespace {

// Connecting a datagram socket only chooses a route, and with it the socket's own address.
std::optional<std::string> address_towards(const char* somebody) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(somebody, "7420", &wanted, &found) != 0)
    return std::nullopt;
  const descriptor socket{::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const bool routed = socket && ::connect(socket.get(), found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  auto* generic = reinterpret_cast<sockaddr*>(&own);
  std::array<char, NI_MAXHOST> text{};
  if (!routed || ::getsockname(socket.get(), generic, &size) != 0 ||
      ::getnameinfo(generic, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0)
    return std::nullopt;
  return std::string{text.data()};
}

} // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return {};
  return name.data();
}

// The two addresses are reserved for documentation: nobody has them.
std::optional<std::string> outgoing_address() {
  if (auto address = address_towards("192.0.2.1"))
    return address;
  return address_towards("2001:db8::1");
}

} // namespace pawl
