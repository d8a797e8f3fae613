#include "posix/port_lease.hpp"

#include "test/support/http_server.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pawl;

namespace {

constexpr port_range tests{10'000, 19'999};

port_range only(std::uint16_t port) {
  return {port, port};
}

// A process with a lease of a port, until it is killed.
struct leasing_process {
  leasing_process() {
    std::array<int, 2> ends{};
    BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    pid = ::fork();
    if (pid == 0) {
      const auto leased = lease_port(tests);
      const std::uint16_t number = leased ? leased->port() : 0;
      [[maybe_unused]] auto sent = ::write(ends[1], &number, sizeof number);
      ::pause();
    }
    const auto got = ::read(ends[0], &port, sizeof port);
    ::close(ends[0]);
    ::close(ends[1]);
    BOOST_TEST_REQUIRE(got == static_cast<ssize_t>(sizeof port));
  }
  ~leasing_process() { kill(); }
  leasing_process(const leasing_process&) = delete;
  leasing_process& operator=(const leasing_process&) = delete;

  void kill() {
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    pid = 0;
  }

  pid_t pid = 0;
  std::uint16_t port = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(port_lease_test)

BOOST_AUTO_TEST_CASE(a_leased_port_is_given_to_nobody_before_anything_listens_on_it) {
  auto first = lease_port(tests);
  BOOST_REQUIRE(first);
  const auto port = first->port();
  const auto second = lease_port(only(port));
  BOOST_REQUIRE(!second);
  BOOST_CHECK(second.error().code == errc::resource_exhausted);
  *first = {};
  BOOST_TEST(lease_port(only(port)).has_value());
}

BOOST_AUTO_TEST_CASE(a_port_on_which_somebody_listens_without_a_lease_is_passed_by) {
  const test::http_server listens{"without a lease"};
  BOOST_TEST(!lease_port(only(listens.port())).has_value());
}

BOOST_AUTO_TEST_CASE(a_lease_of_another_process_holds_until_that_is_killed) {
  leasing_process other;
  BOOST_TEST_REQUIRE(other.port != 0);
  BOOST_TEST(!lease_port(only(other.port)).has_value());
  other.kill();
  BOOST_TEST(lease_port(only(other.port)).has_value());
}

BOOST_AUTO_TEST_CASE(a_socket_that_is_named_as_a_lease_was_once_leases_nothing) {
  const auto port = lease_port(tests)->port();
  const descriptor imitation{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto name = fmt::format("pawl/port/{}", port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  BOOST_TEST_REQUIRE(::bind(imitation.get(), reinterpret_cast<const sockaddr*>(&address), size) ==
                     0);
  BOOST_TEST(lease_port(only(port)).has_value());
}

BOOST_AUTO_TEST_CASE(what_runs_already_has_its_port_again_though_it_listens_on_it) {
  const test::http_server listens{"since before"};
  const auto again = lease_again(listens.port());
  BOOST_TEST(again.port() == listens.port());
}

BOOST_AUTO_TEST_CASE(a_port_leased_again_is_nobody_elses_until_that_lease_ends) {
  const auto port = lease_port(tests)->port();
  {
    const auto again = lease_again(port);
    BOOST_TEST(!lease_port(only(port)).has_value());
    BOOST_TEST(lease_again(port).port() == port); // a number alone: its end frees nothing
    BOOST_TEST(!lease_port(only(port)).has_value());
  }
  BOOST_TEST(lease_port(only(port)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
