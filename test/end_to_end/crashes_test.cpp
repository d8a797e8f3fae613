// pawld is killed, or ended, at bad moments; what it had acknowledged goes on.
#include "test/end_to_end/running_server.hpp"

#include <csignal>

using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(crashes_test)

// Fault: F2; hits: pawld; at: building; holds: I3 I5.
BOOST_AUTO_TEST_CASE(a_build_begins_again_after_kill_9_and_its_viewer_sees_the_end) {
  running_server server;
  gate door;
  auto viewer = begin_deploy(server, {.build = door.command()}, {"--jsonl"});
  BOOST_REQUIRE(door.reached());
  const auto id = in_flight_of(server);
  server.kill();
  BOOST_TEST(door.broken());
  BOOST_TEST(viewer->running());
  server.start();
  BOOST_REQUIRE(door.reached());
  BOOST_TEST(show(server, id).at("state") == "building");
  door.open();
  const auto end = viewer->wait();
  check_exit(end, 0);
  const auto lines = lines_of(end.out);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    BOOST_TEST(lines[i].at("seq") == i + 1);
  BOOST_TEST(lines.back().at("deployment").at("version") == "v1");
  BOOST_TEST(server.answer_of("shop") == "hello");
  check_journal(server, id);
}

// Fault: F2; hits: pawld; at: queued building activating; holds: I2 I4 I5.
BOOST_AUTO_TEST_CASE(two_lanes_in_different_states_go_on_after_kill_9) {
  running_server server;
  deploy(server, {.name = "blog", .greeting = "one"});
  gate building;
  gate activating;
  auto shop = begin_deploy(server, {.build = building.command()});
  auto blog = begin_deploy(
      server,
      {.name = "blog", .greeting = "two", .run = activating.command() + "; exec perl serve.pl"});
  BOOST_REQUIRE(building.reached());
  BOOST_REQUIRE(activating.reached());
  auto waiting = begin_deploy(server, {.name = "blog", .greeting = "three"}, {"--queue"});
  BOOST_REQUIRE(eventually([&] {
    const auto lanes = document_of(server.pawl({"status", "-a", "blog", "--json"})).at("lanes");
    return lanes.at(0).at("queued").size() == 1;
  }));
  BOOST_TEST(show(server, in_flight_of(server, "blog")).at("state") == "activating");
  server.kill();
  BOOST_TEST(server.answer_of("blog") == "one");
  server.start();
  BOOST_REQUIRE(building.reached());
  building.open();
  activating.open(); // the instance outlived the server, and waits still
  for (auto* viewer : {&shop, &blog, &waiting})
    check_exit((*viewer)->wait(), 0);
  BOOST_TEST(server.answer_of("shop") == "hello");
  BOOST_TEST(server.answer_of("blog") == "three");
}

// Fault: F2; hits: pawld; at: building pushing activating switch active start; holds: I3 I4 I8.
BOOST_AUTO_TEST_CASE(kill_9_at_many_moments_of_one_deployment_loses_nothing) {
  running_server server;
  deploy(server, {.greeting = "one"});
  auto viewer = begin_deploy(server, {.greeting = "two", .build = "sleep 0.2; echo built"});
  const auto id = in_flight_of(server);
  // Each life of the server is a little longer than the one before it.
  constexpr int lives = 8;
  for (int life = 0; life < lives && viewer->running(); ++life) {
    eventually([&] { return !viewer->running(); }, std::chrono::milliseconds{60 * life});
    server.kill();
    BOOST_TEST((server.answer_of("shop") == "one" || server.answer_of("shop") == "two"));
    server.start();
  }
  check_exit(viewer->wait(), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
  BOOST_TEST(lane_of(server).at("active").at("version") == "v2");
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").size() == 2U);
  BOOST_TEST(lane_of(server).at("active").at("id") == id);
  check_journal(server, id);
}

// Fault: F2 F10; hits: pawld; at: preparing; holds: I5 I6.
BOOST_AUTO_TEST_CASE(an_upload_that_kill_9_cut_off_goes_on_where_it_was) {
  running_server server;
  auto viewer = server.begin({"deploy", write_big_app(server, "shop"), "--jsonl"});
  const auto id = stop_halfway(server, *viewer);
  const auto before = show(server, id);
  server.kill();
  BOOST_REQUIRE_EQUAL(before.at("state").get<std::string>(), "preparing");
  server.start();
  viewer->signal(SIGCONT);
  const auto end = viewer->wait();
  check_exit(end, 0);
  BOOST_TEST(mentions(end.err, "connected again"));
  BOOST_TEST(lines_of(end.out).back().at("deployment").at("id") == id);
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").size() == 1U);
}

// Fault: F10 F12; hits: client; at: preparing; holds: I5.
BOOST_AUTO_TEST_CASE(an_upload_whose_client_died_fails_after_its_timeout) {
  running_server server("[limits]\nupload_timeout = \"1s\"\n");
  auto viewer = server.begin({"deploy", write_big_app(server, "shop")});
  const auto id = stop_halfway(server, *viewer);
  viewer->signal(SIGKILL);
  viewer->wait();
  BOOST_REQUIRE_EQUAL(show(server, id).at("state").get<std::string>(), "preparing");
  BOOST_REQUIRE(eventually([&] { return show(server, id).at("state") == "failed"; }));
  BOOST_TEST(show(server, id).at("error").at("code") == "timed_out");
  BOOST_TEST(show(server, id).at("error").at("state") == "preparing");
}

// Fault: F40; hits: pawld; at: building; holds: I1 I5.
BOOST_AUTO_TEST_CASE(sigterm_ends_the_server_in_time_and_the_next_start_goes_on) {
  running_server server;
  gate door;
  auto viewer = begin_deploy(server, {.build = door.command()});
  BOOST_REQUIRE(door.reached());
  check_exit(server.stop(), 0);
  BOOST_TEST(!std::filesystem::exists(server.socket()));
  BOOST_TEST(door.broken());
  server.start();
  BOOST_REQUIRE(door.reached());
  door.open();
  check_exit(viewer->wait(), 0);
}

// Fault: F2; hits: pawld; at: releasing; holds: I5.
BOOST_AUTO_TEST_CASE(a_release_command_that_a_crash_cut_off_is_not_run_again) {
  running_server server;
  gate door;
  auto viewer =
      begin_deploy(server, {.rest = "[release]\ncommand = '" + door.command() + "'\n"}, {"--json"});
  BOOST_REQUIRE(door.reached());
  server.kill();
  server.start();
  const auto end = viewer->wait();
  check_exit(end, 4);
  BOOST_TEST(mentions(record_of(end).at("error").at("message"), "never run twice"));
  BOOST_TEST(!door.reached(std::chrono::milliseconds{200}));
}

// Fault: F2 F23; hits: pawld; at: cancelling; holds: I5 I7.
BOOST_AUTO_TEST_CASE(a_cancel_that_a_crash_cut_off_is_carried_out) {
  running_server server;
  gate door;
  auto viewer = begin_deploy(server, {.build = "trap '' TERM; " + door.command()});
  BOOST_REQUIRE(door.reached());
  const auto id = in_flight_of(server);
  auto cancel = server.begin({"cancel", id});
  BOOST_REQUIRE(eventually([&] {
    const auto now = show(server, id).at("state");
    return now == "cancelling" || now == "cancelled";
  }));
  server.kill();
  server.start();
  check_exit(viewer->wait(), 8);
  check_exit(cancel->wait(), 0);
  BOOST_TEST(!server.jobs().contains("build-" + id));
}

BOOST_AUTO_TEST_SUITE_END()
