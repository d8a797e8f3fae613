// Several instances of a version: one that dies is brought back, and the others serve meanwhile.
#include "test/end_to_end/running_server.hpp"
#include "test/support/http_load.hpp"
#include "test/support/print.hpp"

#include <csignal>

namespace {

using namespace pawl::test;

std::string name_of(const json& record, int number) {
  return record.at("id").get<std::string>() + "-" + std::to_string(number);
}

std::string state_of(running_server& server, const std::string& name) {
  const auto lane = lane_of(server);
  for (const auto& one : lane.at("instances"))
    if (one.at("name") == name)
      return one.at("state");
  return "missing";
}

bool all_run(running_server& server) {
  const auto instances = lane_of(server).at("instances");
  return std::all_of(instances.begin(), instances.end(),
                     [](const json& one) { return one.at("state") == "running"; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(instances_test)

// Lost are only requests that were in the one that was killed: at most one of each client.
BOOST_AUTO_TEST_CASE(one_of_three_is_killed_under_load_and_comes_back) {
  running_server server;
  const auto record = deploy(server, {.run_settings = "instances = 3"});
  BOOST_REQUIRE_EQUAL(lane_of(server).at("instances").size(), 3U);
  constexpr unsigned clients = 6;
  http_load load({http_url{"127.0.0.1", server.port(), "/"}, "shop.localhost", clients});
  BOOST_REQUIRE(eventually([&] { return load.so_far() > 200; }));
  const auto victim = name_of(record, 2);
  const auto before = server.instance_pid(victim);
  ::kill(before, SIGKILL);
  BOOST_REQUIRE(eventually([&] {
    return all_run(server) &&
           std::filesystem::exists(server.data() / "instances" / victim / "record.json") &&
           server.instance_pid(victim) != before;
  }));
  const auto reached = load.so_far();
  BOOST_REQUIRE(eventually([&] { return load.so_far() > reached + 200; }));
  const auto report = load.finish();
  BOOST_TEST(report.lost <= clients);
  BOOST_TEST(report.by_body.at("hello") + report.lost == report.requests);
  BOOST_TEST(lane_of(server).at("active").at("id") == record.at("id"));
  BOOST_TEST(lane_of(server).at("instances").size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_status_says_that_an_instance_is_started_again_and_why) {
  running_server server;
  gate door;
  auto viewer = begin_deploy(server, {.run = door.command() + " && exec perl serve.pl"});
  BOOST_REQUIRE(door.reached());
  const auto name = in_flight_of(server) + "-1";
  door.open();
  check_exit(viewer->wait(), 0);
  ::kill(server.instance_pid(name), SIGKILL);
  BOOST_REQUIRE(door.reached());
  BOOST_TEST(state_of(server, name) == "starting");
  // Each pause is twice the one before: the last is long enough to be looked at.
  for (int i = 0; i < 5; ++i) {
    door.open(7);
    BOOST_REQUIRE(door.reached());
  }
  door.open(7);
  BOOST_TEST(eventually([&] { return state_of(server, name) == "restarting"; }));
  const auto text = server.pawl({"status"}).out;
  BOOST_TEST(mentions(text, "exited with status 7; starts again in "), text);
  BOOST_REQUIRE(door.reached());
  door.open();
  BOOST_TEST(eventually([&] { return state_of(server, name) == "running"; }));
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "hello"; }));
}

BOOST_AUTO_TEST_CASE(an_app_that_exits_at_its_start_fails_the_deployment_long_before_the_deadline) {
  running_server server;
  deploy(server, {.greeting = "one"});
  const auto begun = std::chrono::steady_clock::now();
  const auto end = begin_deploy(server,
                                {.greeting = "two",
                                 .run = "echo where is my engine; exit 9",
                                 .health = "path = \"/healthz\"\ndeadline = \"10m\"\n"},
                                {"--json"})
                       ->wait();
  BOOST_TEST((std::chrono::steady_clock::now() - begun) < patience);
  check_exit(end, 5);
  const auto why = record_of(end).at("error");
  BOOST_TEST(why.at("code") == "unhealthy");
  BOOST_TEST(mentions(why.at("message"), "exited with status 9"));
  BOOST_TEST(why.at("details").at("exit_status") == "9");
  BOOST_TEST(mentions(why.at("details").at("log"), "where is my engine"));
  BOOST_TEST(server.answer_of("shop") == "one");
}

BOOST_AUTO_TEST_CASE(an_app_that_forks_away_is_told_to_stay_in_the_foreground) {
  running_server server;
  // Its orphans may answer some checks before the engine notices its end.
  const sample_app app{.run = "perl serve.pl & exit 0",
                       .health = "path = \"/healthz\"\ninterval = \"50ms\"\n"
                                 "healthy_threshold = 100\ndeadline = \"60s\"\n"};
  const auto end = begin_deploy(server, app, {"--json"})->wait();
  check_exit(end, 5);
  BOOST_TEST(mentions(record_of(end).at("error").at("message"), "foreground"));
}

BOOST_AUTO_TEST_SUITE_END()
