#include "posix/port_lease.hpp"

#include "test/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

using namespace pawl;

namespace {

constexpr port_range tests{10'000, 19'999};

port_range only(std::uint16_t port) {
  return {port, port};
}

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
