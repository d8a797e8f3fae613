#include "gateway/transport/tcp_socket.hpp"

#include "posix/files.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>

namespace pawl::gateway {

namespace {

constexpr int listen_backlog = 1024; // a burst of clients; the kernel caps it at somaxconn

struct socket_address {
  sockaddr_storage bytes = {};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&bytes); }
};

std::optional<socket_address> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  std::uint16_t port = 0;
  const auto digits = text.substr(colon + 1);
  const auto* end = digits.data() + digits.size();
  if (digits.empty() || std::from_chars(digits.data(), end, port).ptr != end)
    return std::nullopt;
  auto host = std::string{text.substr(0, colon)};
  socket_address found;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto* address = reinterpret_cast<sockaddr_in6*>(&found.bytes);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(port);
    found.size = sizeof *address;
    host = host.substr(1, host.size() - 2);
    return ::inet_pton(AF_INET6, host.c_str(), &address->sin6_addr) == 1 ? std::optional{found}
                                                                         : std::nullopt;
  }
  auto* address = reinterpret_cast<sockaddr_in*>(&found.bytes);
  address->sin_family = AF_INET;
  address->sin_port = htons(port);
  found.size = sizeof *address;
  return ::inet_pton(AF_INET, host.c_str(), &address->sin_addr) == 1 ? std::optional{found}
                                                                     : std::nullopt;
}

struct host_and_port {
  std::string host;
  std::uint16_t port = 0;
  bool v6 = false;
};

host_and_port parts_of(const socket_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.bytes.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.bytes);
    return {::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size()), ntohs(v4->sin_port)};
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.bytes);
  const auto port = ntohs(v6->sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
    return {::inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text.data(), text.size()), port};
  return {::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size()), port, true};
}

error cannot_listen_at(const std::string& endpoint, int number) {
  std::string why = system_reason(number);
  if (number == EADDRINUSE)
    why = "another process listens there: end it (ss -ltnp shows which), or choose another port in "
          "[listen] tls";
  else if (number == EADDRNOTAVAIL)
    why =
        "this machine has no such address: choose another one in [listen] tls, or 0.0.0.0 for all";
  else if (number == EACCES)
    why = "the server's user may not have this port: choose one from 1024 on in [listen] tls, or "
          "give its unit AmbientCapabilities=CAP_NET_BIND_SERVICE";
  return {errc::unavailable, fmt::format("cannot listen on {}: {}", endpoint, why), {}};
}

} // namespace

result<bound_tcp_socket> bind_tcp_socket(const std::string& endpoint) {
  auto address = parse_endpoint(endpoint);
  if (!address)
    return error{errc::invalid_argument,
                 fmt::format("\"{}\" is no IP address and port, such as 0.0.0.0:7420", endpoint),
                 {}};
  descriptor listening{
      ::socket(address->bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)};
  constexpr int on = 1;
  constexpr int off = 0;
  if (!listening)
    return cannot_listen_at(endpoint, errno);
  // A server that was just stopped has connections that the kernel remembers.
  ::setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->bytes.ss_family == AF_INET6)
    ::setsockopt(listening.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(listening.get(), address->get(), address->size) != 0 ||
      ::listen(listening.get(), listen_backlog) != 0)
    return cannot_listen_at(endpoint, errno);
  socket_address own;
  if (::getsockname(listening.get(), own.get(), &own.size) != 0)
    return cannot_listen_at(endpoint, errno);
  const auto [host, port, v6] = parts_of(own);
  return bound_tcp_socket{std::move(listening),
                          fmt::format("{}:{}", v6 ? "[" + host + "]" : host, port)};
}

std::optional<std::string> peer_address(int descriptor) {
  socket_address peer;
  if (::getpeername(descriptor, peer.get(), &peer.size) != 0)
    return std::nullopt;
  return parts_of(peer).host;
}

void send_without_delay(int descriptor) {
  constexpr int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace pawl::gateway
