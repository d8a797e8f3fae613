// pawld dies while it starts, again and again; what it finds in flight is not given up for that,
// unless it is what crashes the server.
#include "test/faults/damaged_world.hpp"

#include "lifecycle/limits.hpp"

#include <fmt/format.h>

#include <csignal>

namespace {

using namespace pawl::test;

constexpr int aborted = 128 + SIGABRT;
#ifdef PAWL_ADDRESS_SANITIZER
constexpr int overflowed = 1; // the sanitizer reports it, and exits
#else
constexpr int overflowed = 128 + SIGSEGV;
#endif

// A start that must end like this.
void start_and_die(damaged_world& world, const std::string& place, int status) {
  write_text(world.server().place() / "failpoint", place);
  auto server = world.server().begin_pawld("--config", world.server().place() / "pawld.toml");
  BOOST_TEST(server->wait().status == status, place << server->err());
  write_text(world.server().place() / "failpoint", "");
}

} // namespace

BOOST_AUTO_TEST_SUITE(starts_test)

// Fault: F1 F2; hits: pawld; at: start building; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(a_start_that_is_killed_at_any_place_is_made_good_by_the_next) {
  damaged_world world;
  world.server().kill();
  for (int round = 0; round < 2; ++round)
    for (const auto& place :
         {"effect restore before", "effect restore after", "commit resumed before",
          "commit resumed after", "effect build before"})
      start_and_die(world, place, killed);
  world.restart();
  world.check_invariants();
  world.finish();
}

// Four builds at once, the others wait for theirs: also after the start.
// Fault: F2 F34; hits: pawld; at: start building; holds: I5 I8 I9.
BOOST_AUTO_TEST_CASE(many_lanes_in_flight_go_on_after_kill_9_and_few_build_at_once) {
  constexpr int lanes = 24;
  running_server server{"[cluster.local]\ndrain = \"100ms\"\n"};
  gate door;
  std::vector<std::unique_ptr<program>> viewers;
  for (int i = 0; i < lanes; ++i)
    viewers.push_back(begin_deploy(server, {.name = fmt::format("app-{}", i),
                                            .greeting = fmt::format("hello {}", i),
                                            .build = door.command()}));
  const auto building = [&] {
    const auto jobs = server.jobs();
    return std::count_if(jobs.begin(), jobs.end(),
                         [](const std::string& job) { return job.starts_with("build-"); });
  };
  const auto in_flight = [&] {
    const auto all = document_of(server.pawl({"status", "--json"})).at("lanes");
    return std::count_if(all.begin(), all.end(), [](const json& lane) {
      const auto& one = lane.at("in_flight");
      return !one.is_null() && one.at("state") == "building";
    });
  };
  BOOST_REQUIRE(eventually([&] { return in_flight() == lanes; }));
  server.kill();
  server.start();
  BOOST_TEST(in_flight() == lanes);
  const auto most = static_cast<std::ptrdiff_t>(pawl::limits::builds_at_once);
  for (int i = 0; i < lanes; ++i) {
    do // those of the life before have come to the gate too, and are gone
      BOOST_REQUIRE(door.reached());
    while (door.broken(std::chrono::milliseconds{0}));
    BOOST_TEST(building() <= most);
    door.open();
  }
  for (const auto& one : viewers)
    check_exit(one->wait(), 0);
  for (int i = 0; i < lanes; ++i)
    BOOST_TEST(server.answer_of(fmt::format("app-{}", i)) == fmt::format("hello {}", i));
}

// The build of one crashes the server each time, in one way or another; the others wait for their
// turn meanwhile.
// Fault: F1; hits: pawld; at: start building; holds: I3 I5.
BOOST_AUTO_TEST_CASE(a_deployment_that_crashes_each_start_fails_after_three_and_no_other_does) {
  damaged_world world;
  const auto poison = world.in_flight("blog");
  write_text(world.server().place() / "failpoint", "crash effect build before");
  world.server().kill();
  start_and_die(world, "crash effect build before", aborted);
  start_and_die(world, "overflow effect build before", overflowed);
  start_and_die(world, "exhaust effect build before", exits::unavailable);
  write_text(world.server().place() / "failpoint", "crash effect build before");
  world.server().start();
  BOOST_TEST(eventually([&] { return show(world.server(), poison).at("state") == "failed"; }));
  const auto failed = show(world.server(), poison);
  BOOST_TEST(failed.at("error").at("code") == "internal");
  BOOST_TEST(mentions(failed.at("error").at("message"), "deploy again"));
  BOOST_TEST(mentions(world.server().log(), poison));
  BOOST_TEST(show(world.server(), world.in_flight("wiki")).at("state") == "activating");
  write_text(world.server().place() / "failpoint", "");
  check_journal(world.server(), poison);
  world.expect_blog_to_fail();
  world.finish();
}

// The kernel's memory killer ends a process as anybody does, with SIGKILL: but it counts.
// Fault: F2 F20; hits: pawld; at: start building; holds: I5.
BOOST_AUTO_TEST_CASE(a_server_that_dies_when_the_kernel_kills_for_memory_is_held_to_have_crashed) {
  damaged_world world;
  if (mentions(world.server().log(), "no control groups"))
    return; // the kernel kills nothing for its memory
  constexpr const char* resumed = "are resumed one after another";
  world.server().kill();
  world.restart();
  BOOST_TEST(!mentions(world.server().log(), resumed));
  const auto hungry = begin_deploy(world.server(),
                                   {.name = "hungry",
                                    .run = "exec perl -e '$x = \"x\" x 2_000_000_000; sleep 100'"},
                                   {"-C", "staging", "--json"})
                          ->wait();
  check_exit(hungry, exits::unhealthy);
  world.server().kill();
  world.restart();
  BOOST_TEST(mentions(world.server().log(), resumed), world.server().log());
  world.check_invariants();
  world.finish();
}

// Fault: F2 F40; hits: pawld; at: building activating active; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(kills_and_ends_in_good_order_are_nobodys_fault) {
  damaged_world world;
  constexpr int lives = 5;
  for (int i = 0; i < lives; ++i) {
    if (i % 2 == 0)
      world.server().kill();
    else
      check_exit(world.server().stop(), 0);
    world.restart();
  }
  world.check_invariants();
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
