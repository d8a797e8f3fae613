// Everything around the server is killed at every step of a deployment: its client, the router, the
// instance that serves, the build. The server is stopped at the step meanwhile, so that the moment
// is exact.
#include "test/faults/damaged_world.hpp"

#include "engines/process_table.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;

// The exit statuses of a client.
constexpr int went_well = 0;
constexpr int died_building = 3;
constexpr int died_releasing = 4;
constexpr int given_up = 8;
constexpr int unconfirmed = 11; // a switch that the dead router did not confirm

const std::string release = "[release]\ncommand = \"true\"\n";

// Where a deployment of shop is when the server stops (bin/pawld/failpoints.hpp).
struct step {
  std::string place;
  sample_app app = {};
};

// From the request to the traffic's switch.
const std::vector<step> until_active{
    {"commit preparing before"},
    {"effect verify before"},
    {"effect build before"},
    {"effect push before"},
    {"effect release before", {.rest = release}},
    {"effect start before"},
    {"effect switch before"},
    {"effect switch after"},
    {"commit active after"},
};

// And what the version before goes through after that.
std::vector<step> all_steps() {
  auto all = until_active;
  all.push_back({"effect stop before"});
  all.push_back({"effect forget before"});
  return all;
}

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

// One that waits for its turn behind another, at a place that it comes to.
void die_waiting(
    damaged_world& world, const std::set<int>& statuses,
    const std::function<void(const clients&)>& blow, const std::function<void()>& then = [] {}) {
  gate door;
  world.stop_at(
      "commit queued after", statuses,
      [&] {
        clients both;
        both.push_back(world.deploy({.build = door.command()}));
        BOOST_REQUIRE(door.reached());
        both.push_back(world.deploy({}, {"--queue"}));
        return both;
      },
      blow,
      [&] {
        door.open();
        then();
      });
}

// One whose build is being given up.
void die_cancelled(damaged_world& world, const std::set<int>& statuses,
                   const std::function<void(const clients&, const gate&)>& blow) {
  gate door;
  world.stop_at(
      "commit cancelling after", statuses,
      [&] {
        clients both;
        both.push_back(world.deploy({.build = door.command()}));
        BOOST_REQUIRE(door.reached());
        both.push_back(world.server().begin({"cancel", "-a", "shop", "-C", "local"}));
        return both;
      },
      [&](const clients& all) { blow(all, door); });
}

} // namespace

BOOST_AUTO_TEST_SUITE(deaths_test)

// Fault: F12; hits: client; at: request queued preparing building pushing releasing activating
// switch cancelling active; holds: I1 I3 I5 I6 I7 I8.
BOOST_AUTO_TEST_CASE(a_client_may_die_at_any_step) {
  damaged_world world;
  const auto last = [](const clients& all) { all.back()->signal(SIGKILL); };
  // Its source may not be all there: the same request goes on with it.
  const auto again = [&] { check_exit(world.ask_again()->wait(), went_well); };
  for (const auto& [place, app] : until_active)
    world.stop_at(
        place, {killed}, [&, how = app] { return one(world.deploy(how)); }, last, again);
  die_waiting(world, {went_well, killed}, last, again);
  die_cancelled(world, {given_up, killed}, [&](const clients& all, const gate&) { last(all); });
  world.finish();
}

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
        place, {went_well, unconfirmed}, [&, how = app] { return one(world.deploy(how)); }, router);
  die_waiting(world, {went_well, unconfirmed}, router);
  die_cancelled(world, {went_well, given_up},
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
        place, {went_well}, [&, how = app] { return one(world.deploy(how)); }, serving);
  die_waiting(world, {went_well}, serving);
  die_cancelled(world, {went_well, given_up},
                [&](const clients& all, const gate&) { serving(all); });
  world.finish();
}

// It was healthy a moment ago, and is started again.
// Fault: F39; hits: instance; at: switch active; holds: I3 I4 I5.
BOOST_AUTO_TEST_CASE(the_new_instance_may_die_while_the_traffic_comes_to_it) {
  damaged_world world;
  for (const auto* place : {"effect switch before", "effect switch after", "commit active after"})
    world.stop_at(
        place, {went_well}, [&] { return one(world.deploy()); },
        [&](const clients&) { world.kill_newest_instance(); });
  world.finish();
}

// Fault: F13; hits: build; at: building releasing cancelling; holds: I3 I4 I5 I7.
BOOST_AUTO_TEST_CASE(a_command_of_the_app_may_be_killed) {
  damaged_world world;
  gate door;
  for (const auto& [status, app] :
       {std::pair{died_building, sample_app{.build = door.command()}},
        std::pair{died_releasing,
                  sample_app{.rest = "[release]\ncommand = \"" + door.command() + "\"\n"}}})
    world.strike(
        {status}, [&, how = app] { return one(world.deploy(how)); },
        [&](const clients&) {
          BOOST_REQUIRE(door.reached());
          kill_at(door);
        });
  die_cancelled(world, {went_well, given_up},
                [&](const clients&, const gate& building) { kill_at(building); });
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
