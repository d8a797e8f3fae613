// A lane that serves, and has nothing to decide, has no actor: it is brought back when it is asked
// for, and when one of its instances ends.
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

const lane_key shop{"shop", "local"};

struct rest_fixture : session_fixture {
  lane_presence presence() {
    auto seen = ask<result<lane_presence>>(actors.supervisor, look_at_lane{shop});
    BOOST_REQUIRE(seen.has_value());
    return *seen;
  }

  bool rests() { return presence().rests.has_value(); }

  // Deploys, and waits until the lane has nothing more to do.
  deployment served(const std::string& request_id = "r1") {
    auto d = deploy(request_id);
    advance(1s);
    BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
    come_to_rest();
    return d;
  }

  void come_to_rest() {
    advance(limits::watch_period);
    advance(limits::lane_idle);
    BOOST_REQUIRE(rests());
  }

  bool runs(const std::string& name) const {
    auto found = world->engine->instances.find(name);
    return found != world->engine->instances.end() &&
           found->second.state == instance_state::running;
  }

  std::ptrdiff_t starts(const std::string& name) const {
    return std::count(world->engine->calls.begin(), world->engine->calls.end(), "start " + name);
  }

  void kill(const std::string& name) {
    world->engine->kill(name);
    run();
  }

  const route& live() const { return world->router->routes.at(shop); }

  protocol::lane_view status() {
    auto page = get<protocol::lane_list>(protocol::status_request{});
    BOOST_REQUIRE(page.lanes.size() == 1u);
    return page.lanes.front();
  }

  // One message of the actor that is named, and nothing else.
  void step(std::string_view actor) {
    auto& jobs = scheduler.jobs;
    auto its = std::find_if(jobs.begin(), jobs.end(), [&](caf::resumable* job) {
      auto* one = dynamic_cast<caf::local_actor*>(job);
      return one != nullptr && one->name() == actor;
    });
    BOOST_REQUIRE(its != jobs.end());
    std::rotate(jobs.begin(), its, its + 1);
    scheduler.run_once();
  }

  // The lane's time to rest has come: the message that says so is in its mailbox.
  void let_time_come() {
    advance(limits::watch_period);
    const auto by = limits::lane_idle;
    world->wall += by;
    scheduler.advance_time(by);
    BOOST_REQUIRE(!scheduler.jobs.empty());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lane_rest, rest_fixture)

BOOST_AUTO_TEST_CASE(a_lane_that_serves_has_no_actor_when_there_is_nothing_to_decide) {
  auto before = running();
  auto d = served();
  BOOST_TEST(running() == before);
  BOOST_TEST(runs(d.id + "-1"));
  BOOST_TEST(live().deployment == d.id);
  BOOST_TEST(live().addresses.size() == 1u);
}

BOOST_AUTO_TEST_CASE(it_stays_while_its_watch_period_or_a_drain_is_under_way) {
  parts->clusters.front().drain = limits::lane_idle * 3;
  deploy("r1");
  advance(limits::watch_period - 1s);
  BOOST_TEST(!rests());
  deploy("r2");
  advance(1s);
  advance(limits::watch_period);
  advance(limits::lane_idle);
  BOOST_TEST(!rests());
  advance(limits::lane_idle);
  advance(limits::lane_idle);
  BOOST_TEST(rests());
}

BOOST_AUTO_TEST_CASE(it_stays_while_an_instance_is_unhealthy_or_does_not_run) {
  world->manifest_answer->run.instances = 2;
  auto d = deploy("r1");
  advance(1s);
  world->probe->sick = {world->engine->instances.at(d.id + "-2").address};
  for (auto passed = 0s; passed < limits::watch_period; passed += 1s)
    advance(1s);
  advance(limits::lane_idle);
  BOOST_TEST(status().instances.at(1).state == "unhealthy");
  world->probe->sick.clear();
  advance(1s);
  world->engine->failures["start"] = {errc::unavailable, "no memory", {}};
  kill(d.id + "-1");
  for (auto passed = 0s; passed < 4 * limits::lane_idle; passed += 1s)
    advance(1s);
  BOOST_TEST(status().instances.at(0).state == "restarting");
  world->engine->failures.clear();
  advance(limits::restart_backoff_max);
  advance(1s);
  advance(limits::lane_idle);
  BOOST_TEST(rests());
}

BOOST_AUTO_TEST_CASE(it_stays_until_the_router_has_its_route) {
  auto d = served();
  kill(d.id + "-1");
  world->router->failure = error{errc::unavailable, "not now", {}};
  advance(1s);
  BOOST_REQUIRE(runs(d.id + "-1"));
  while (world->router->failure)
    advance(1s);
  BOOST_TEST(!rests());
  for (auto passed = 0s; passed < limits::lane_idle + 2 * limits::retry_pause; passed += 1s)
    advance(1s);
  BOOST_TEST(rests());
  BOOST_TEST(live().addresses.at(0) == world->engine->instances.at(d.id + "-1").address);
}

BOOST_AUTO_TEST_CASE(an_instance_that_ends_brings_its_lane_back) {
  world->manifest_answer->run.instances = 2;
  auto d = served();
  auto lost = world->engine->instances.at(d.id + "-2").address;
  kill(d.id + "-2");
  BOOST_TEST(!rests());
  BOOST_TEST(live().addresses.size() == 1u);
  BOOST_TEST(status().instances.at(1).state == "restarting");
  BOOST_TEST(status().instances.at(0).state == "running");
  advance(1s);
  advance(1s);
  BOOST_TEST(runs(d.id + "-2"));
  BOOST_TEST(live().addresses.size() == 2u);
  BOOST_TEST(world->engine->instances.at(d.id + "-2").address != lost);
  BOOST_TEST(starts(d.id + "-1") == 1);
  advance(limits::lane_idle);
  BOOST_TEST(status().instances.at(1).restarts == 1u);
  BOOST_TEST(rests());
}

BOOST_AUTO_TEST_CASE(one_whose_end_the_engine_knows_only_by_name_is_still_of_its_lane) {
  auto d = served();
  const auto watch = presence().rests->instances.at(0).watch;
  instance gone;
  gone.name = d.id + "-1";
  gone.state = instance_state::exited;
  world->engine->instances.erase(gone.name);
  caf::anon_send(actors.supervisor, instance_exited{gone, watch});
  run();
  advance(1s);
  BOOST_TEST(starts(d.id + "-1") == 2);
}

BOOST_AUTO_TEST_CASE(a_deployment_goes_to_a_lane_at_rest_as_to_any_other) {
  auto first = served();
  auto second = served("r2");
  BOOST_TEST(state_of(first.id) == state::retired);
  BOOST_TEST(!runs(first.id + "-1"));
  BOOST_TEST(runs(second.id + "-1"));
  BOOST_TEST(live().deployment == second.id);
}

BOOST_AUTO_TEST_CASE(status_shows_what_a_lane_at_rest_serves_with_and_leaves_it_at_rest) {
  world->manifest_answer->run.instances = 2;
  auto d = deploy("r1");
  advance(1s);
  advance(limits::watch_period);
  auto awake = status();
  come_to_rest();
  auto asleep = status();
  BOOST_TEST(rests());
  BOOST_REQUIRE(asleep.instances.size() == 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST(asleep.instances[i].name == awake.instances[i].name);
    BOOST_TEST(asleep.instances[i].state == "running");
    BOOST_TEST(asleep.instances[i].address == awake.instances[i].address);
  }
  BOOST_TEST(asleep.active == awake.active);
}

// A watch for each life of an instance, however often its lane comes and goes.
BOOST_AUTO_TEST_CASE(no_watches_gather_over_rests) {
  auto d = served();
  const auto before = world->engine->watchers.size();
  for (int i = 0; i < 5; ++i) {
    lane();
    advance(limits::lane_idle);
    BOOST_REQUIRE(rests());
  }
  BOOST_TEST(world->engine->watchers.size() == before);
}

BOOST_AUTO_TEST_CASE(the_end_of_an_earlier_life_is_nothing_to_its_lane) {
  auto d = served();
  const auto watch = presence().rests->instances.at(0).watch;
  auto ended = world->engine->instances.at(d.id + "-1");
  ended.state = instance_state::exited;
  caf::anon_send(actors.supervisor, instance_exited{ended, watch + 1000});
  run();
  BOOST_TEST(rests());
  lane();
  caf::anon_send(actors.supervisor, instance_exited{ended, watch + 1000});
  run();
  BOOST_TEST(status().instances.at(0).state == "running");
}

// The supervisor still takes the lane for awake, and tells it of the end; the lane has seen none.
BOOST_AUTO_TEST_CASE(an_end_that_comes_when_the_lane_goes_to_rest_is_not_lost) {
  auto d = deploy("r1");
  advance(1s);
  let_time_come();
  world->engine->kill(d.id + "-1");
  step("supervisor");
  step("deployment_actor");
  run();
  advance(1s);
  BOOST_TEST(starts(d.id + "-1") == 2);
  BOOST_TEST(runs(d.id + "-1"));
}

BOOST_AUTO_TEST_CASE(an_end_between_the_lanes_last_word_and_its_rest_is_not_lost) {
  auto d = deploy("r1");
  advance(1s);
  let_time_come();
  step("deployment_actor");
  world->engine->kill(d.id + "-1");
  run();
  advance(1s);
  BOOST_TEST(starts(d.id + "-1") == 2);
  BOOST_TEST(runs(d.id + "-1"));
}

// The session has the lane's handle already.
BOOST_AUTO_TEST_CASE(a_request_that_comes_when_the_lane_goes_to_rest_is_answered_by_the_next) {
  auto d = deploy("r1");
  advance(1s);
  let_time_come();
  client->frames.clear();
  protocol::rollback_request request;
  request.request_id = "back";
  request.app = "shop";
  request.cluster = "local";
  push(7, request);
  step("session");
  step("supervisor");
  step("deployment_actor"); // it rests
  run();
  BOOST_REQUIRE(client->frames.size() == 1u);
  BOOST_TEST(last<protocol::refused>().error.code == errc::not_found); // there is nothing before
}

BOOST_AUTO_TEST_CASE(a_status_that_comes_when_the_lane_goes_to_rest_shows_its_instances) {
  deploy("r1");
  advance(1s);
  let_time_come();
  client->frames.clear();
  push(7, protocol::status_request{});
  step("session");
  step("store_reader");
  step("session");
  step("supervisor");
  step("deployment_actor"); // it rests
  run();
  BOOST_TEST(rests());
  BOOST_TEST(last<protocol::lane_list>().lanes.at(0).instances.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_lane_that_dies_when_it_is_brought_back_looks_at_what_runs) {
  auto d = served();
  world->engine->kill(d.id + "-1");
  step("supervisor"); // brings it back, and tells it
  auto woken = presence().actor;
  caf::anon_send_exit(woken, caf::exit_reason::kill);
  run();
  advance(1s);
  advance(1s);
  BOOST_TEST(runs(d.id + "-1"));
  BOOST_TEST(live().addresses.at(0) == world->engine->instances.at(d.id + "-1").address);
}

BOOST_AUTO_TEST_CASE(a_server_that_starts_lets_lanes_rest_that_have_nothing_to_do) {
  disconnect();
  auto before = running();
  auto d = served();
  restart();
  BOOST_TEST(running() == before);
  BOOST_TEST(rests());
  kill(d.id + "-1");
  advance(1s);
  BOOST_TEST(starts(d.id + "-1") == 2);
}

BOOST_AUTO_TEST_CASE(a_server_that_starts_wakes_lanes_that_have_something_to_do) {
  world->manifest_answer->run.instances = 2;
  auto d = deploy("r1");
  advance(1s);
  restart(); // the watch_period has not passed
  BOOST_TEST(!rests());
  come_to_rest();
  end();
  world->engine->instances.erase(d.id + "-2");
  actors = spawn_server(system, parts);
  recover();
  BOOST_TEST(!rests());
  advance(1s);
  BOOST_TEST(runs(d.id + "-2"));
}

// The wall clock is set back by a day: the period that has passed is not begun anew.
BOOST_AUTO_TEST_CASE(the_watch_of_a_lane_that_has_rested_is_over) {
  served();
  world->wall -= 24h;
  lane();
  const auto asked = world->probe->asked;
  advance(limits::lane_idle);
  BOOST_TEST(world->probe->asked == asked);
  BOOST_TEST(rests());
}

BOOST_AUTO_TEST_SUITE_END()
