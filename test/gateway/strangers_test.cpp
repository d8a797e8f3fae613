#include "gateway/remote/strangers.hpp"

#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl;
using namespace std::chrono_literals;
using gateway::stranger_end;
using gateway::stranger_report;
using strangers = gateway::strangers_in_order<int>;

constexpr stranger_report::time_point report_start{1h};

} // namespace

BOOST_AUTO_TEST_SUITE(strangers_suite)

BOOST_AUTO_TEST_CASE(an_address_has_so_many_and_one_more_when_one_has_left) {
  strangers waiting;
  strangers::place latest = 0;
  for (std::size_t i = 0; i < limits::strangers_per_address; ++i) {
    BOOST_REQUIRE(!waiting.are_crowd("192.0.2.7"));
    latest = waiting.add("192.0.2.7", 0);
  }
  BOOST_TEST(waiting.are_crowd("192.0.2.7"));
  BOOST_TEST(!waiting.are_crowd("192.0.2.8"));
  waiting.leave(latest);
  BOOST_TEST(!waiting.are_crowd("192.0.2.7"));
  waiting.leave(latest); // it has left
  waiting.add("192.0.2.7", 0);
  BOOST_TEST(waiting.are_crowd("192.0.2.7"));
}

BOOST_AUTO_TEST_CASE(the_first_is_the_one_that_has_waited_longest) {
  strangers waiting;
  BOOST_TEST(waiting.first() == nullptr);
  const auto first = waiting.add("192.0.2.7", 1);
  const auto second = waiting.add("192.0.2.6", 2);
  waiting.add("192.0.2.5", 3);
  waiting.rename(first, 10);
  BOOST_REQUIRE(waiting.first() != nullptr);
  BOOST_TEST(*waiting.first() == 10);
  waiting.leave(second);
  BOOST_TEST(*waiting.first() == 10);
  waiting.leave(first);
  BOOST_TEST(*waiting.first() == 3);
}

BOOST_AUTO_TEST_CASE(the_first_end_is_told_at_once_and_all_others_in_a_line_a_minute) {
  stranger_report report;
  report.note(stranger_end::handshake, "192.0.2.7", "wrong version number");
  BOOST_TEST(report.take(report_start).value() ==
             "1 connection ended before it had authenticated: 1 in the TLS handshake; the latest "
             "came from 192.0.2.7: wrong version number");
  for (int i = 0; i < 10'000; ++i) {
    report.note(stranger_end::handshake, "192.0.2.7", "http request");
    report.note(stranger_end::crowd, "192.0.2.8");
    BOOST_REQUIRE(!report.take(report_start + limits::strangers_report - 1ms).has_value());
  }
  BOOST_TEST(report.take(report_start + limits::strangers_report).value() ==
             "20000 connections ended before they had authenticated: 10000 in the TLS handshake, "
             "10000 beside 64 others of their address; the latest came from 192.0.2.8");
  BOOST_TEST(report.empty());
  BOOST_TEST(!report.take(report_start + 1h).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
