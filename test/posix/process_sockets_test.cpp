#include "posix/process_sockets.hpp"

#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace pawl;

namespace {

constexpr std::size_t enough = 100'000;

listening_sockets ours(std::size_t most = enough) {
  return listening_sockets_of(::getpid(), {::getpid()}, most);
}

std::string port_of(const descriptor& socket) {
  sockaddr_in6 address{}; // its port is where that of a sockaddr_in is
  socklen_t size = sizeof address;
  BOOST_TEST_REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) ==
                     0);
  return std::to_string(::ntohs(address.sin6_port));
}

descriptor bound_ipv4(std::uint32_t ip) {
  descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(ip);
  BOOST_TEST_REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) ==
                     0);
  return socket;
}

descriptor listening_ipv6(const char* ip, int only) {
  descriptor socket{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  ::inet_pton(AF_INET6, ip, &address.sin6_addr);
  BOOST_TEST_REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) ==
                     0);
  BOOST_TEST_REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

descriptor listening_local(const std::string& path) {
  descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  BOOST_TEST_REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  BOOST_TEST_REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

} // namespace

BOOST_AUTO_TEST_SUITE(process_sockets_test)

BOOST_AUTO_TEST_CASE(a_socket_counts_from_its_listen_until_its_close) {
  auto socket = bound_ipv4(INADDR_LOOPBACK);
  const auto place = "127.0.0.1:" + port_of(socket);
  BOOST_TEST(!ours().tcp.contains(place));
  BOOST_TEST_REQUIRE(::listen(socket.get(), 1) == 0);
  BOOST_TEST(ours().tcp.contains(place));
  socket.reset();
  BOOST_TEST(!ours().tcp.contains(place));
}

BOOST_AUTO_TEST_CASE(addresses_of_ipv6_say_whether_they_take_ipv4) {
  const auto loopback = listening_ipv6("::1", 1);
  const auto six_only = listening_ipv6("::", 1);
  const auto both = listening_ipv6("::", 0);
  const auto mapped = listening_ipv6("::ffff:127.0.0.1", 0);
  const auto found = ours().tcp;
  BOOST_TEST(found.contains("[::1]:" + port_of(loopback)));
  BOOST_TEST(found.contains("[::]:" + port_of(six_only)));
  BOOST_TEST(!found.contains("0.0.0.0:" + port_of(six_only)));
  BOOST_TEST(found.contains("[::]:" + port_of(both)));
  BOOST_TEST(found.contains("0.0.0.0:" + port_of(both)));
  BOOST_TEST(found.contains("127.0.0.1:" + port_of(mapped)));
}

BOOST_AUTO_TEST_CASE(unix_sockets_are_named_by_their_path) {
  const test::temporary_directory folder;
  const auto path = (folder.path() / "app.sock").string();
  const auto named = fmt::format("pawl-test-{}", ::getpid());
  const auto in_folder = listening_local(path);
  const auto without_path = listening_local('\0' + named);
  const auto found = ours().local;
  BOOST_TEST(found.contains(path));
  BOOST_TEST(found.contains("@" + named));
}

BOOST_AUTO_TEST_CASE(no_more_descriptors_are_looked_at_than_allowed) {
  auto socket = bound_ipv4(INADDR_LOOPBACK);
  BOOST_TEST_REQUIRE(::listen(socket.get(), 1) == 0);
  BOOST_TEST(!ours().tcp.empty());
  BOOST_TEST(ours(2).tcp.empty()); // this process, and its standard input
}

BOOST_AUTO_TEST_CASE(a_process_outside_of_the_namespace_is_not_looked_at) {
  auto socket = bound_ipv4(INADDR_LOOPBACK);
  BOOST_TEST_REQUIRE(::listen(socket.get(), 1) == 0);
  BOOST_TEST(listening_sockets_of(0, {::getpid()}, enough).tcp.empty());
}

BOOST_AUTO_TEST_SUITE_END()
