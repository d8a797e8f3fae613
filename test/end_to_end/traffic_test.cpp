// No request is lost when a version takes the place of another.
#include "test/end_to_end/running_server.hpp"
#include "test/support/http_client.hpp"
#include "test/support/http_load.hpp"
#include "test/support/print.hpp"

namespace {

using namespace pawl::test;

load_plan load_of(const running_server& server) {
  return {http_url{"127.0.0.1", server.port(), "/"}, "shop.localhost", 8, "/slow?700", 3};
}

void wait_for_requests(const http_load& load, std::uint64_t more) {
  const auto goal = load.so_far() + more;
  BOOST_REQUIRE(eventually([&] { return load.so_far() >= goal; }));
}

// Every request had its answer from one of these versions, and each of them answered some.
void check_nothing_lost(const load_report& report, const std::set<std::string>& greetings) {
  BOOST_TEST(report.lost == 0U);
  std::uint64_t answered = 0;
  for (const auto& greeting : greetings) {
    const auto found = report.by_body.find(greeting);
    BOOST_TEST(found != report.by_body.end(), greeting << " never answered");
    answered += found == report.by_body.end() ? 0 : found->second;
  }
  BOOST_TEST(answered == report.requests);
}

// The instances of a deployment that was replaced are gone.
bool drained(const running_server& server, const json& record) {
  const auto instance = "instance-" + record.at("id").get<std::string>() + "-1";
  return eventually([&] { return !server.jobs().contains(instance); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(traffic_test)

BOOST_AUTO_TEST_CASE(a_deploy_and_a_rollback_under_load_lose_no_request) {
  running_server server;
  const auto first = deploy(server, {.greeting = "one"});
  http_load load(load_of(server));
  wait_for_requests(load, 200);
  const auto second = deploy(server, {.greeting = "two"});
  wait_for_requests(load, 200);
  BOOST_TEST(drained(server, first));
  const auto end = server.pawl({"rollback", "-a", "shop"});
  check_exit(end, 0);
  wait_for_requests(load, 200);
  BOOST_TEST(drained(server, second));
  wait_for_requests(load, 200);
  check_nothing_lost(load.finish(), {"one", "two"});
  BOOST_TEST(server.answer_of("shop") == "one");
}

BOOST_AUTO_TEST_CASE(a_deploy_that_fails_under_load_loses_no_request) {
  running_server server;
  deploy(server, {.greeting = "one"});
  http_load load(load_of(server));
  wait_for_requests(load, 100);
  check_exit(begin_deploy(server, {.greeting = "two",
                                   .run = "exec env UNHEALTHY=1 perl serve.pl",
                                   .health = "path = \"/healthz\"\ndeadline = \"1s\"\n"})
                 ->wait(),
             5);
  wait_for_requests(load, 100);
  check_nothing_lost(load.finish(), {"one"});
}

BOOST_AUTO_TEST_CASE(an_upgraded_connection_stays_with_its_version_while_it_drains) {
  running_server server;
  deploy(server, {.greeting = "one"});
  http_client tunnel("127.0.0.1", server.port());
  BOOST_REQUIRE(tunnel.upgrade("shop.localhost", "/"));
  BOOST_TEST(tunnel.echo("before").value_or("broken") == "before");
  deploy(server, {.greeting = "two"});
  BOOST_TEST(server.answer_of("shop") == "two");
  BOOST_TEST(tunnel.echo("after").value_or("broken") == "after");
}

BOOST_AUTO_TEST_CASE(requests_under_way_while_the_server_is_killed_are_answered) {
  running_server server;
  deploy(server, {.greeting = "one"});
  http_load load(load_of(server));
  wait_for_requests(load, 100);
  server.kill();
  wait_for_requests(load, 100);
  server.start();
  wait_for_requests(load, 100);
  check_nothing_lost(load.finish(), {"one"});
}

// As an app with sessions in its memory has it, such as one with socket.io.
BOOST_AUTO_TEST_CASE(a_client_of_a_sticky_app_keeps_its_instance_as_long_as_that_lives) {
  running_server server{"[cluster.local]\ndrain = \"2s\"\n"};
  const sample_app app{.run = "GREETING=$PAWL_INSTANCE exec perl serve.pl",
                       .run_settings = "instances = 2\nsticky = true"};
  const std::string first = deploy(server, app).at("id");
  http_client client("127.0.0.1", server.port());
  const auto ask = [&] { return client.get("shop.localhost", "/").value_or(http_response{}); };
  const auto begun = ask();
  const std::string header = "set-cookie: ";
  const auto at = begun.headers.find(header);
  BOOST_REQUIRE(at != std::string::npos);
  const auto end = begun.headers.find(';', at);
  client.say("Cookie: " + begun.headers.substr(at + header.size(), end - at - header.size()));
  BOOST_TEST(begun.body.starts_with(first), begun.body);
  for (int times = 0; times < 6; ++times)
    BOOST_TEST(ask().body == begun.body);
  const std::string second = deploy(server, app).at("id");
  BOOST_TEST(ask().body == begun.body);
  BOOST_TEST(server.answer_of("shop").starts_with(second));
  // While it ends no request is lost.
  std::string body;
  BOOST_TEST(eventually([&] {
    const auto now = ask();
    BOOST_TEST(now.status == 200);
    body = now.body;
    return body != begun.body;
  }));
  BOOST_TEST(body.starts_with(second), body);
}

BOOST_AUTO_TEST_SUITE_END()
