// A program that the server uses hangs: it neither ends nor answers, as by SIGSTOP. Deadlines end
// the wait, and no other lane waits for it.
#include "test/faults/steps.hpp"

#include "posix/process_table.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;

// All of a job: the sandbox's own processes, which have its name, and what runs in it.
void hang(const std::string& job) {
  for (const auto& outer : pawl::marked_processes("pawl-", [](auto...) { return true; })) {
    if (!outer.mark.ends_with(":" + job))
      continue;
    ::kill(outer.pid, SIGSTOP);
    for (const auto inner : pawl::descendants(outer.pid))
      ::kill(inner, SIGSTOP);
  }
}

// While the door's command hangs, another deployment is made.
std::function<void(const clients&)> hang_at(damaged_world& world, gate& door,
                                            const std::string& kind) {
  return [&world, &door, kind](const clients&) {
    BOOST_REQUIRE(door.reached());
    hang(world.job(kind));
    check_exit(
        begin_deploy(world.server(), {.name = "other"}, {"-C", "staging", "-m", "hello"})->wait(),
        exits::success);
  };
}

} // namespace

BOOST_AUTO_TEST_SUITE(hangs_test)

// Fault: F14; hits: build; at: building releasing cancelling; holds: I2 I3 I4 I5 I9.
BOOST_AUTO_TEST_CASE(a_command_of_the_app_may_hang) {
  damaged_world world;
  gate door;
  world.strike(
      {exits::unavailable},
      [&] {
        return one(world.deploy({.build = door.command(), .build_settings = "timeout = \"2s\""}));
      },
      hang_at(world, door, "build-"));
  world.strike(
      {exits::unavailable},
      [&] {
        return one(
            world.deploy({.rest = fmt::format("[release]\ncommand = \"{}\"\ntimeout = \"2s\"",
                                              door.command())}));
      },
      hang_at(world, door, "release-"));
  strike_cancelled(world, {exits::cancelled, exits::success},
                   [&](const clients&, const gate&) { hang(world.job("build-")); });
  world.finish();
}

// One that is new gets no traffic, and one that is to go goes.
// Fault: F14; hits: instance; at: activating drain; holds: I2 I3 I4 I5 I9.
BOOST_AUTO_TEST_CASE(an_instance_may_hang) {
  damaged_world world;
  gate door;
  world.strike(
      {exits::unhealthy},
      [&] {
        return one(world.deploy(
            {.run = door.command() + "; exec perl serve.pl",
             .run_settings = "stop_timeout = \"1s\"",
             .health = "path = \"/healthz\"\ninterval = \"50ms\"\ndeadline = \"2s\"\n"}));
      },
      hang_at(world, door, "instance-"));
  check_exit(world.deploy({.run_settings = "stop_timeout = \"1s\""})->wait(), exits::success);
  world.check_invariants();
  const auto old = "instance-" + world.serving_instance();
  world.stop_at(
      "effect stop before", {exits::success}, [&] { return one(world.deploy()); },
      [&](const clients&) { hang(old); });
  world.finish();
}

// It is asked until it answers, and the switch is made once.
// Fault: F16; hits: router; at: request preparing building pushing releasing activating switch
// active drain; holds: I2 I3 I4 I5.
BOOST_AUTO_TEST_CASE(the_router_may_hang_at_any_step) {
  damaged_world world;
  pid_t router = 0;
  for (const auto& [place, app] : all_steps())
    world.stop_at(
        place, {exits::success}, [&, how = app] { return one(world.deploy(how)); },
        [&](const clients&) {
          router = world.server().router_pid();
          BOOST_REQUIRE(router > 0);
          ::kill(router, SIGSTOP);
        },
        [&] {
          // For as long as it hangs nothing moves: that is the fault, and not a wait for it.
          constexpr auto hangs = std::chrono::milliseconds{300};
          static_cast<void>(eventually([] { return false; }, hangs));
          ::kill(router, SIGCONT);
        });
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
