// Several deployments want the same lane; and some are cancelled.
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;

// A deployment whose build waits at a gate.
struct held_build {
  gate door;
  std::unique_ptr<program> viewer;
  std::string id;

  explicit held_build(running_server& server, const words& flags = {},
                      const std::string& app = "shop") {
    viewer =
        begin_deploy(server, {.name = app, .greeting = "held", .build = door.command()}, flags);
    BOOST_REQUIRE_MESSAGE(door.reached(), "the build does not begin: " << viewer->err());
    id = in_flight_of(server, app);
  }
};

json error_of(const outcome& end) {
  return document_of(end).at("error");
}

} // namespace

BOOST_AUTO_TEST_SUITE(lanes_test)

BOOST_AUTO_TEST_CASE(a_busy_lane_refuses_and_names_what_is_in_flight) {
  running_server server;
  held_build held(server);
  const auto end = begin_deploy(server, {}, {"--json"})->wait();
  check_exit(end, 6);
  const auto why = error_of(end);
  BOOST_TEST(why.at("code") == "in_flight");
  BOOST_TEST(why.at("details").at("deployment") == held.id);
  BOOST_TEST(why.at("details").at("state") == "building");
  BOOST_TEST(!why.at("details").at("by").get<std::string>().empty());
  BOOST_TEST(!why.at("details").at("since").get<std::string>().empty());
  BOOST_TEST(mentions(why.at("message"), held.id));
  BOOST_TEST(lane_of(server).at("in_flight").at("id") == held.id);
  check_exit(server.pawl({"deploy", write_app(server.place(), {.name = "blog"})}), 0);
  held.door.open();
  check_exit(held.viewer->wait(), 0);
}

BOOST_AUTO_TEST_CASE(queued_deployments_wait_in_order) {
  running_server server;
  held_build held(server);
  std::vector<std::unique_ptr<program>> waiting;
  std::vector<std::string> ids;
  for (const auto* greeting : {"two", "three"}) {
    waiting.push_back(
        begin_deploy(server, {.greeting = greeting, .build = "true"}, {"--queue", "--json"}));
    BOOST_REQUIRE(
        eventually([&] { return lane_of(server).at("queued").size() == waiting.size(); }));
    ids.push_back(lane_of(server).at("queued").back().at("id"));
  }
  BOOST_TEST(lane_of(server).at("queued").front().at("id") == ids.front());
  held.door.open();
  check_exit(held.viewer->wait(), 0);
  const auto second = waiting.front()->wait();
  const auto third = waiting.back()->wait();
  check_exit(second, 0);
  check_exit(third, 0);
  BOOST_TEST(record_of(second).at("id") == ids.front());
  BOOST_TEST(record_of(second).at("version") == "v2");
  BOOST_TEST(record_of(second).at("replaces") == held.id);
  BOOST_TEST(record_of(third).at("version") == "v3");
  BOOST_TEST(record_of(third).at("replaces") == ids.front());
  BOOST_TEST(server.answer_of("shop") == "three");
}

BOOST_AUTO_TEST_CASE(a_newer_deployment_supersedes_what_is_in_flight_and_what_waits) {
  running_server server;
  held_build held(server, {"--json"});
  auto queued = begin_deploy(server, {.greeting = "two"}, {"--queue", "--json"});
  BOOST_REQUIRE(eventually([&] { return lane_of(server).at("queued").size() == 1; }));
  const auto newest = deploy(server, {.greeting = "three"}, {"--supersede"});
  const auto first = held.viewer->wait();
  check_exit(first, 7);
  BOOST_TEST(record_of(first).at("state") == "cancelled");
  BOOST_TEST(error_of(first).at("code") == "superseded");
  BOOST_TEST(error_of(first).at("details").at("deployment") == newest.at("id"));
  const auto second = queued->wait();
  check_exit(second, 7);
  BOOST_TEST(record_of(second).at("state") == "superseded");
  BOOST_TEST(held.door.broken());
  BOOST_TEST(server.answer_of("shop") == "three");
}

BOOST_AUTO_TEST_CASE(the_clusters_policy_queues_without_a_flag) {
  running_server server("[cluster.local]\nwhen_busy = \"queue\"\n[limits]\nqueued = 1\n");
  held_build held(server);
  auto waiting = begin_deploy(server, {.greeting = "two"});
  BOOST_REQUIRE(eventually([&] { return lane_of(server).at("queued").size() == 1; }));
  const auto full = begin_deploy(server, {.greeting = "three"}, {"--json"})->wait();
  check_exit(full, 11);
  BOOST_TEST(error_of(full).at("code") == "resource_exhausted");
  held.door.open();
  check_exit(waiting->wait(), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
}

// Fault: F23; hits: build; at: building; holds: I5 I7.
BOOST_AUTO_TEST_CASE(a_cancel_in_the_middle_of_a_build_leaves_nothing_running) {
  running_server server;
  deploy(server, {.greeting = "one"});
  held_build held(server, {"--json"});
  BOOST_TEST(server.jobs().contains("build-" + held.id));
  const auto end = server.pawl({"cancel", "-a", "shop", "--json"});
  check_exit(end, 0);
  BOOST_TEST(record_of(end).at("id") == held.id);
  BOOST_TEST(record_of(end).at("state") == "cancelled");
  BOOST_TEST(!server.jobs().contains("build-" + held.id));
  BOOST_TEST(held.door.broken());
  const auto seen = held.viewer->wait();
  check_exit(seen, 8);
  BOOST_TEST(error_of(seen).at("code") == "cancelled");
  BOOST_TEST(record_of(seen).at("error").at("state") == "building");
  BOOST_TEST(server.answer_of("shop") == "one");
  BOOST_TEST(deploy(server, {.greeting = "two"}).at("version") == "v2");
}

// Fault: F23; hits: instance; at: activating; holds: I4 I7.
BOOST_AUTO_TEST_CASE(a_cancel_while_instances_become_healthy_stops_them) {
  running_server server;
  deploy(server, {.greeting = "one"});
  gate door;
  auto viewer = begin_deploy(server, {.greeting = "two", .run = door.command()});
  BOOST_REQUIRE(door.reached());
  const auto id = in_flight_of(server);
  check_exit(server.pawl({"cancel", id}), 0);
  BOOST_TEST(!server.jobs().contains("instance-" + id + "-1"));
  BOOST_TEST(door.broken());
  check_exit(viewer->wait(), 8);
  BOOST_TEST(server.answer_of("shop") == "one");
}

BOOST_AUTO_TEST_CASE(what_waits_is_cancelled_at_once) {
  running_server server;
  held_build held(server);
  auto waiting = begin_deploy(server, {.greeting = "two"}, {"--queue"});
  BOOST_REQUIRE(eventually([&] { return lane_of(server).at("queued").size() == 1; }));
  const std::string id = lane_of(server).at("queued").at(0).at("id");
  check_exit(server.pawl({"cancel", id}), 0);
  check_exit(waiting->wait(), 8);
  BOOST_TEST(lane_of(server).at("queued").empty());
  BOOST_TEST(lane_of(server).at("in_flight").at("id") == held.id);
}

BOOST_AUTO_TEST_CASE(what_has_ended_cannot_be_cancelled) {
  running_server server;
  const auto record = deploy(server, {});
  const auto end = server.pawl({"cancel", record.at("id"), "--json"});
  check_exit(end, 6);
  BOOST_TEST(error_of(end).at("code") == "invalid_transition");
  BOOST_TEST(mentions(error_of(end).at("message"), "pawl rollback"));
  check_exit(server.pawl({"cancel", "-a", "shop"}), 10);
  BOOST_TEST(server.answer_of("shop") == "hello");
  held_build held(server);
  check_exit(server.pawl({"cancel", held.id}), 0);
  check_exit(server.pawl({"cancel", held.id}), 0); // it is cancelled
}

// Fault: F24; hits: client; at: request; holds: I2.
BOOST_AUTO_TEST_CASE(a_rollback_meets_a_busy_lane_too) {
  running_server server;
  deploy(server, {.greeting = "one"});
  deploy(server, {.greeting = "two"});
  held_build held(server);
  const auto end = server.pawl({"rollback", "-a", "shop", "--json"});
  check_exit(end, 6);
  BOOST_TEST(error_of(end).at("details").at("deployment") == held.id);
  check_exit(server.pawl({"rollback", "-a", "shop", "--plan"}), 0);
}

BOOST_AUTO_TEST_SUITE_END()
