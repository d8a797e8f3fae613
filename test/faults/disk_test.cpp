// The disk of the data directory: a flush that fails, and no room. Everything acknowledged holds,
// and with room again the server goes on without a restart.
#include "test/faults/steps.hpp"

#include <unistd.h>

namespace {

using namespace pawl::test;

const sample_app with_release{.rest = "[release]\ncommand = \"true\"\n"};

std::string newest_state(running_server& server) {
  const auto all = document_of(server.pawl({"history", "-n", "1", "--json"})).at("deployments");
  return all.empty() ? "none" : all.at(0).at("state").get<std::string>();
}

boost::test_tools::assertion_result as_root(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result able{::geteuid() == 0};
  able.message() << "only root can give the server a disk of its own";
  return able;
}

} // namespace

BOOST_AUTO_TEST_SUITE(disk_test)

// The flush is never tried again: what the kernel has of the file after it is not known.
// Fault: F6; hits: disk; at: request; holds: I1 I10.
BOOST_AUTO_TEST_CASE(a_flush_that_fails_ends_the_server_at_once_without_an_answer) {
  running_server server;
  deploy(server, {.greeting = "one"});
  tracer disk{server, {"trace=fdatasync", "inject=fdatasync:error=EIO"}};
  auto client = begin_deploy(server, {.greeting = "two"}, {"--json"});
  BOOST_REQUIRE(eventually([&] { return !server.server().running(); }));
  BOOST_TEST(server.server().wait().status == exits::internal);
  BOOST_TEST(mentions(server.log(), "Input/output error"), server.log());
  BOOST_TEST(client->out().empty());
  disk.end();
  BOOST_TEST(server.answer_of("shop") == "one");
  server.start();
  check_exit(client->wait(), exits::success);
  BOOST_TEST(server.answer_of("shop") == "two");
  BOOST_TEST(document_of(server.pawl({"history", "--json"})).at("deployments").size() == 2U);
}

// Fault: F6; hits: disk; at: request preparing building pushing releasing activating switch active
// drain; holds: I1 I2 I3 I4 I5 I6 I8 I10.
BOOST_AUTO_TEST_CASE(a_flush_may_fail_at_any_step_of_a_deploy) {
  damaged_world world;
  for (const auto* place :
       {"commit preparing before", "commit building before", "commit pushing before",
        "commit releasing before", "effect switch after", "commit active before"})
    world.lose_flushes_at(place, {exits::success}, [&] { return one(world.deploy(with_release)); });
  // How the release command ended cannot be known any more, and it never runs twice.
  world.lose_flushes_at("commit activating before", {exits::release_failed},
                        [&] { return one(world.deploy(with_release)); });
  world.finish();
}

// Fault: F6; hits: disk; at: queued; holds: I1 I2 I3 I4 I5 I6 I8 I10.
BOOST_AUTO_TEST_CASE(a_flush_may_fail_when_a_deployment_is_queued) {
  damaged_world world;
  gate door;
  world.lose_flushes_at(
      "commit queued before", {exits::success, exits::success},
      [&] { return world.deploy_behind(door, {"--queue"}); }, [&] { let_through(door); });
  world.finish();
}

// Fault: F6; hits: disk; at: cancelling; holds: I1 I2 I3 I4 I5 I6 I7 I8 I10.
BOOST_AUTO_TEST_CASE(a_flush_may_fail_when_a_deployment_is_cancelled) {
  damaged_world world;
  for (const auto* place : {"commit cancelling before", "commit cancelled before"}) {
    gate door;
    world.lose_flushes_at(place, {exits::cancelled, exits::success}, [&] {
      auto both = one(world.deploy_to(door));
      both.push_back(world.server().begin({"cancel", world.in_flight()}));
      return both;
    });
  }
  world.finish();
}

// Fault: F5; hits: disk; at: request building; holds: I9.
BOOST_AUTO_TEST_CASE(with_a_full_disk_new_work_is_refused_reads_work_and_room_brings_it_back,
                     *boost::unit_test::precondition(as_root)) {
  constexpr std::uint64_t disk = 96 * 1024 * 1024;
  running_server server;
  server.stop();
  server.give_disk(disk);
  server.start();
  const auto first = deploy(server, {.greeting = "one"});
  deploy(server, {.name = "blog", .greeting = "news"});
  check_exit(server.pawl({"token", "create", "ci", "--role", "deploy"}), exits::success);
  gate door;
  auto held =
      begin_deploy(server, {.name = "blog", .run = door.command() + "; exec perl serve.pl"});
  BOOST_REQUIRE(door.reached());
  server.fill_disk();
  const auto refused = begin_deploy(server, {.greeting = "two"}, {"--json"})->wait();
  check_exit(refused, exits::unavailable);
  BOOST_TEST(document_of(refused).at("error").at("code") == "resource_exhausted");
  BOOST_TEST(mentions(document_of(refused).at("error").at("message"), "room"));
  BOOST_TEST(show(server, first.at("id")).at("state") == "active");
  BOOST_TEST(newest_state(server) == "activating");
  BOOST_TEST(server.answer_of("shop") == "one");
  // Rights are taken away, and none are given.
  check_exit(server.pawl({"token", "create", "other", "--role", "view"}), exits::unavailable);
  check_exit(server.pawl({"token", "revoke", "ci"}), exits::success);
  // Deployments in flight end, and their end is recorded.
  door.open();
  check_exit(held->wait(), exits::success);
  BOOST_TEST(newest_state(server) == "active");
  BOOST_TEST(server.answer_of("blog") == "hello");
  server.clear_disk();
  deploy(server, {.greeting = "three"});
  BOOST_TEST(server.answer_of("shop") == "three");
}

// Deployments that need room fail and are recorded as failed, others go on.
// Fault: F5; hits: disk; at: queued preparing building pushing releasing activating switch
// cancelling active drain; holds: I2 I3 I4 I5 I6 I8 I9.
BOOST_AUTO_TEST_CASE(the_disk_may_be_full_at_any_step, *boost::unit_test::precondition(as_root)) {
  constexpr std::uint64_t disk = 96 * 1024 * 1024;
  damaged_world world{disk};
  world.end_blog(); // a full disk ends each build
  const auto fill = [&](const clients&) { world.server().fill_disk(); };
  auto steps = all_steps();
  std::erase_if(steps, [](const step& one) { return one.place == "commit preparing before"; });
  // A build, a kept version and a start need room: the switch does not, nor does what follows it.
  const std::set<std::string> without_room{"effect switch before", "effect switch after",
                                           "commit active after", "effect stop before",
                                           "effect forget before"};
  for (const auto& [place, app] : steps)
    world.stop_at(
        place, {without_room.contains(place) ? exits::success : exits::unavailable},
        [&, how = app] {
          world.server().clear_disk();
          return one(world.deploy(how));
        },
        fill);
  world.server().clear_disk();
  // The room that the first one gives back may be enough for the second.
  strike_waiting(world, {exits::unavailable, ending::any_of({exits::success, exits::unavailable})},
                 fill);
  world.server().clear_disk();
  strike_cancelled(world, {exits::cancelled, exits::success},
                   [&](const clients& all, const gate&) { fill(all); });
  world.server().clear_disk();
  check_exit(world.deploy()->wait(), exits::success);
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
