// A version that turns unhealthy just after its activation is rolled back by the server.
#include "test/end_to_end/running_server.hpp"
#include "test/support/http_load.hpp"

#include <csignal>

namespace {

using namespace pawl::test;

// Its first health checks pass, and no later one does.
sample_app sick_after(int checks) {
  return {.greeting = "two",
          .run = "exec env UNHEALTHY_AFTER=" + std::to_string(checks) + " perl serve.pl"};
}

json history(running_server& server) {
  const auto end = server.pawl({"history", "-a", "shop", "--json"});
  check_exit(end, 0);
  return document_of(end).at("deployments");
}

// The newest deployment, once it is the server's own rollback and serves.
json own_rollback(running_server& server) {
  json newest;
  const auto found = eventually([&] {
    newest = history(server).at(0);
    return newest.at("operation") == "rollback" && newest.at("state") == "active";
  });
  BOOST_REQUIRE_MESSAGE(found, "no rollback by the server:\n" << history(server).dump(1));
  return newest;
}

void check_rolled_back(running_server& server, const json& first, const json& second) {
  const auto back = own_rollback(server);
  BOOST_TEST(back.at("by") == "pawl");
  BOOST_TEST(back.at("version") == first.at("version"));
  BOOST_TEST(back.at("replaces") == second.at("id"));
  BOOST_TEST(show(server, second.at("id")).at("state") == "rolled_back");
  BOOST_TEST(history(server).size() == 3U);
  BOOST_TEST(server.answer_of("shop") == "one");
  std::string warnings;
  for (const auto& line : lines_of(server.pawl({"attach", back.at("id"), "--jsonl"}).out))
    if (line.at("event") == "warning")
      warnings += line.at("message").get<std::string>();
  BOOST_TEST(mentions(warnings, second.at("id")), warnings);
  BOOST_TEST(mentions(warnings, "turned unhealthy"), warnings);
  BOOST_TEST(mentions(server.pawl({"show", back.at("id")}).out, "turned unhealthy"));
}

// A second version goes live, and dies; whether it starts again is the door's to say.
std::string deploy_and_kill(running_server& server, gate& door) {
  auto viewer =
      begin_deploy(server, {.greeting = "two", .run = door.command() + " && exec perl serve.pl"});
  BOOST_REQUIRE(door.reached());
  auto id = in_flight_of(server);
  door.open();
  check_exit(viewer->wait(), 0);
  const auto instance = server.instance_pid(id + "-1");
  BOOST_REQUIRE_GT(instance, 0);
  ::kill(instance, SIGKILL);
  return id;
}

} // namespace

BOOST_AUTO_TEST_SUITE(watch_test)

// Fault: F28; hits: instance; at: active; holds: I4.
BOOST_AUTO_TEST_CASE(a_version_that_turns_unhealthy_is_rolled_back_and_no_request_is_lost) {
  running_server server;
  const auto first = deploy(server, {.greeting = "one"});
  http_load load({http_url{"127.0.0.1", server.port(), "/"}, "shop.localhost"});
  const auto second = deploy(server, sick_after(2));
  check_rolled_back(server, first, second);
  const auto report = load.finish();
  BOOST_TEST(report.lost == 0U);
}

// Fault: F28; hits: instance; at: active; holds: I4.
BOOST_AUTO_TEST_CASE(a_version_that_crashes_again_and_again_is_rolled_back) {
  running_server server;
  const auto first = deploy(server, {.greeting = "one"});
  gate door;
  const auto id = deploy_and_kill(server, door);
  for (int i = 0; i < 2; ++i) {
    BOOST_REQUIRE(door.reached());
    door.open(7);
  }
  check_rolled_back(server, first, show(server, id));
  BOOST_TEST(mentions(history(server).at(0).at("message"), "exited with status 7"));
}

// Fault: F2 F28; hits: pawld; at: active; holds: I4 I6.
BOOST_AUTO_TEST_CASE(the_watch_goes_on_after_kill_9_and_rolls_back_once) {
  running_server server;
  const auto first = deploy(server, {.greeting = "one"});
  const auto second = deploy(server, sick_after(2));
  server.kill();
  server.start();
  const auto back = own_rollback(server);
  server.kill();
  server.start();
  check_rolled_back(server, first, second);
  BOOST_TEST(own_rollback(server).at("id") == back.at("id"));
}

BOOST_AUTO_TEST_CASE(a_period_of_zero_leaves_it_to_people) {
  running_server server("[cluster.local]\nwatch_period = \"0s\"\n");
  deploy(server, {.greeting = "one"});
  gate door;
  deploy_and_kill(server, door);
  for (int i = 0; i < 4; ++i) {
    BOOST_REQUIRE(door.reached());
    door.open(7);
  }
  BOOST_REQUIRE(door.reached());
  door.open();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "two"; }));
  BOOST_TEST(history(server).size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
