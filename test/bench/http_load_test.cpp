// The load that our claim of no lost request rests on: it sees a loss when there is one.
#include "test/support/http_load.hpp"

#include "test/support/http_server.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl::test;

load_plan plan(std::uint16_t port) {
  return {http_url{"127.0.0.1", port, "/"}, "any", 4, "", 0};
}

void wait_until_asked(const http_load& load, std::uint64_t goal) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (load.so_far() < goal && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  BOOST_REQUIRE_GE(load.so_far(), goal);
}

} // namespace

BOOST_AUTO_TEST_SUITE(http_load_test)

BOOST_AUTO_TEST_CASE(every_answered_request_is_counted) {
  const http_server app("one\nmore");
  http_load load(plan(app.port()));
  wait_until_asked(load, 100);
  const auto report = load.finish();
  BOOST_TEST(report.requests >= 100U);
  BOOST_TEST(report.ok == report.requests);
  BOOST_TEST(report.lost == 0U);
  BOOST_TEST(report.by_body.at("one") == report.requests);
  BOOST_TEST(report.statuses.at(200) == report.requests);
  BOOST_TEST(report.microseconds.size() == report.requests);
  BOOST_TEST(report.percentile_ms(0.5) <= report.percentile_ms(1));
}

BOOST_AUTO_TEST_CASE(an_app_that_stops_loses_requests) {
  http_server app("one");
  http_load load(plan(app.port()));
  wait_until_asked(load, 100);
  app.stop();
  wait_until_asked(load, load.so_far() + 8);
  const auto report = load.finish();
  BOOST_TEST(report.lost >= 4U);
  BOOST_TEST(report.statuses.at(0) == report.lost);
  BOOST_TEST(report.ok + report.lost == report.requests);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_that_was_closed_is_lost_and_not_tried_again) {
  http_server app("one");
  http_client client("127.0.0.1", app.port());
  BOOST_TEST(client.get("any", "/").has_value());
  app.stop();
  BOOST_TEST(!client.get("any", "/").has_value());
}

BOOST_AUTO_TEST_CASE(slow_clients_ask_their_own_path) {
  http_server app("one");
  auto with_slow = plan(app.port());
  with_slow.slow_path = "/slow";
  with_slow.slow_clients = 3;
  http_load load(with_slow);
  BOOST_TEST(app.wait_for_slow(3));
  app.release_slow();
  BOOST_TEST(load.finish().lost == 0U);
}

BOOST_AUTO_TEST_CASE(urls_have_an_address_a_port_and_a_path) {
  const auto whole = http_url::parse("http://127.0.0.1:7480/a?b");
  BOOST_TEST(whole.ip == "127.0.0.1");
  BOOST_TEST(whole.port == 7480);
  BOOST_TEST(whole.path == "/a?b");
  BOOST_TEST(http_url::parse("http://127.0.0.1").path == "/");
  BOOST_TEST(http_url::parse("http://127.0.0.1").port == 80);
  BOOST_CHECK_THROW(http_url::parse("https://127.0.0.1"), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
