#include "posix/bound_ports.hpp"

#include "posix/descriptor.hpp"

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace pawl;

namespace {

struct bound_socket {
  explicit bound_socket(int family, int type) : socket(::socket(family, type | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 address{};
    address.sin6_family = static_cast<sa_family_t>(family);
    socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof address;
    auto* where = reinterpret_cast<sockaddr*>(&address);
    BOOST_TEST_REQUIRE(::bind(socket.get(), where, size) == 0);
    BOOST_TEST_REQUIRE(::getsockname(socket.get(), where, &size) == 0);
    port = ::ntohs(address.sin6_port);
  }

  descriptor socket;
  std::uint16_t port = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(bound_ports_test)

BOOST_AUTO_TEST_CASE(a_port_counts_from_its_bind_until_its_close) {
  bound_socket four{AF_INET, SOCK_STREAM};
  const bound_socket six{AF_INET6, SOCK_STREAM};
  const auto ports = bound_ports(::getpid());
  BOOST_TEST(ports.contains(four.port));
  BOOST_TEST(ports.contains(six.port));
  four.socket.reset();
  BOOST_TEST(!bound_ports(::getpid()).contains(four.port));
}

BOOST_AUTO_TEST_CASE(ports_of_udp_are_others) {
  const bound_socket datagrams{AF_INET, SOCK_DGRAM};
  BOOST_TEST(!bound_ports(::getpid()).contains(datagrams.port));
}

BOOST_AUTO_TEST_CASE(a_process_that_has_ended_has_none) {
  BOOST_TEST(bound_ports(0).empty());
}

BOOST_AUTO_TEST_SUITE_END()
