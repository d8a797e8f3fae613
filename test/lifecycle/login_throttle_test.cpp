#include "lifecycle/login_throttle.hpp"

#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

namespace {

using namespace pawl;
using namespace std::chrono_literals;

constexpr login_throttle::time_point start{1h};

void fail(login_throttle& throttle, std::string_view address, std::size_t times,
          login_throttle::time_point at) {
  for (std::size_t i = 0; i < times; ++i)
    throttle.note_failure(address, at);
}

} // namespace

BOOST_AUTO_TEST_SUITE(login_throttling)

BOOST_AUTO_TEST_CASE(the_twentieth_failure_within_a_minute_closes_the_address_until_its_end) {
  login_throttle throttle;
  fail(throttle, "192.0.2.7", limits::failed_logins - 1, start);
  BOOST_TEST(!throttle.refuses("192.0.2.7", start).has_value());
  throttle.note_failure("192.0.2.7", start + 20s);
  BOOST_CHECK(throttle.refuses("192.0.2.7", start + 20s) == 40s);
  BOOST_CHECK(throttle.refuses("192.0.2.7", start + 59'500ms) == 1s);
  BOOST_TEST(!throttle.refuses("192.0.2.7", start + 60s).has_value());
}

BOOST_AUTO_TEST_CASE(a_new_minute_begins_with_its_first_failure) {
  login_throttle throttle;
  fail(throttle, "192.0.2.7", limits::failed_logins, start);
  throttle.note_failure("192.0.2.7", start + 60s);
  BOOST_TEST(!throttle.refuses("192.0.2.7", start + 60s).has_value());
  fail(throttle, "192.0.2.7", limits::failed_logins - 1, start + 90s);
  BOOST_CHECK(throttle.refuses("192.0.2.7", start + 90s) == 30s);
}

BOOST_AUTO_TEST_CASE(failures_of_one_address_are_not_those_of_another) {
  login_throttle throttle;
  fail(throttle, "192.0.2.7", 10 * limits::failed_logins, start);
  BOOST_TEST(!throttle.refuses("192.0.2.8", start).has_value());
}

BOOST_AUTO_TEST_CASE(of_too_many_addresses_the_one_that_began_first_is_forgotten) {
  login_throttle throttle;
  const auto name = [](std::size_t i) { return fmt::format("10.0.{}.{}", i / 256, i % 256); };
  for (std::size_t i = 0; i < limits::addresses_watched; ++i)
    fail(throttle, name(i), limits::failed_logins, start + std::chrono::milliseconds{i});
  const auto later = start + 5s;
  BOOST_TEST(throttle.refuses(name(0), later).has_value());
  fail(throttle, "192.0.2.7", limits::failed_logins, later);
  BOOST_TEST(throttle.refuses("192.0.2.7", later).has_value());
  BOOST_TEST(!throttle.refuses(name(0), later).has_value());
  BOOST_TEST(throttle.refuses(name(1), later).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
