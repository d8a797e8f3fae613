// Everything around the server is killed at every step of a deployment: its client, the router, the
// instance that serves, the build. The server is stopped at the step meanwhile, so that the moment
// is exact.
#include "test/faults/steps.hpp"

#include "posix/process_table.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;

void kill_processes(const std::string& command) {
  for (const auto& process : pawl::all_processes())
    if (mentions(read_text(fmt::format("/proc/{}/cmdline", process.pid)), command))
      ::kill(process.pid, SIGKILL);
}

// The arguments of gate::command(), as the kernel keeps them.
void kill_at(const gate& door) {
  auto command = door.command();
  std::replace(command.begin(), command.end(), ' ', '\0');
  kill_processes(command);
}

} // namespace

BOOST_AUTO_TEST_SUITE(deaths_test)

// Fault: F12; hits: client; at: request queued preparing building pushing releasing activating
// switch cancelling active; holds: I1 I3 I5 I6 I7 I8.
BOOST_AUTO_TEST_CASE(a_client_may_die_at_any_step) {
  damaged_world world;
  const auto last = [](const clients& all) { all.back()->signal(SIGKILL); };
  // Its source may not be all there: the same request goes on with it.
  const auto again = [&] { check_exit(world.ask_again()->wait(), exits::success); };
  for (const auto& [place, app] : steps_until_active())
    world.stop_at(
        place, {killed}, [&, how = app] { return one(world.deploy(how)); }, last, again);
  strike_waiting(world, {exits::success, killed}, last, again);
  strike_cancelled(world, {exits::cancelled, killed},
                   [&](const clients& all, const gate&) { last(all); });
  world.finish();
}

// A switch that it did not make, or did not confirm, is made by its successor.
// Fault: F16; hits: router; at: request queued preparing building pushing releasing activating
// switch cancelling active drain; holds: I3 I4 I5.
BOOST_AUTO_TEST_CASE(the_router_may_die_at_any_step) {
  damaged_world world;
  const auto router = [&](const clients&) {
    const auto pid = world.server().router_pid();
    BOOST_REQUIRE(pid > 0);
    ::kill(pid, SIGKILL);
  };
  for (const auto& [place, app] : all_steps())
    world.stop_at(
        place, {exits::success}, [&, how = app] { return one(world.deploy(how)); }, router);
  strike_waiting(world, {exits::success, exits::success}, router);
  strike_cancelled(world, {exits::cancelled, exits::success},
                   [&](const clients& all, const gate&) { router(all); });
  world.finish();
}

// Fault: F39; hits: instance; at: request queued preparing building pushing releasing activating
// switch cancelling active drain; holds: I3 I4 I5.
BOOST_AUTO_TEST_CASE(the_instance_that_serves_may_die_at_any_step) {
  damaged_world world;
  const auto serving = [&](const clients&) { world.kill_serving_instance(); };
  for (const auto& [place, app] : all_steps())
    world.stop_at(
        place, {exits::success}, [&, how = app] { return one(world.deploy(how)); }, serving);
  strike_waiting(world, {exits::success, exits::success}, serving);
  strike_cancelled(world, {exits::cancelled, exits::success},
                   [&](const clients& all, const gate&) { serving(all); });
  world.finish();
}

// It was healthy a moment ago, and is started again.
// Fault: F39; hits: instance; at: switch active; holds: I3 I4 I5.
BOOST_AUTO_TEST_CASE(the_new_instance_may_die_while_the_traffic_comes_to_it) {
  damaged_world world;
  for (const auto* place : {"effect switch before", "effect switch after", "commit active after"})
    world.stop_at(
        place, {exits::success}, [&] { return one(world.deploy()); },
        [&](const clients&) { world.kill_newest_instance(); });
  world.finish();
}

// Fault: F13; hits: build; at: building releasing cancelling; holds: I3 I4 I5 I7.
BOOST_AUTO_TEST_CASE(a_command_of_the_app_may_be_killed) {
  damaged_world world;
  gate door;
  for (const auto& [status, app] :
       {std::pair{exits::build_failed, sample_app{.build = door.command()}},
        std::pair{exits::release_failed,
                  sample_app{.rest = "[release]\ncommand = \"" + door.command() + "\"\n"}}})
    world.strike(
        {status}, [&, how = app] { return one(world.deploy(how)); },
        [&](const clients&) {
          BOOST_REQUIRE(door.reached());
          kill_at(door);
        });
  strike_cancelled(world, {exits::cancelled, exits::success},
                   [&](const clients&, const gate& building) { kill_at(building); });
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
