// The active deployment is kept up, beside everything else that happens in its lane.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct service_fixture : actor_fixture {
  const route& live() const { return world->router->routes.at({"shop", "local"}); }

  bool runs(const std::string& name) const {
    auto found = world->engine->instances.find(name);
    return found != world->engine->instances.end() &&
           found->second.state == instance_state::running;
  }

  void kill(const std::string& name) {
    world->engine->kill(name);
    run();
  }

  std::map<std::string, std::string> states() {
    std::map<std::string, std::string> found;
    for (const auto& one : ask<protocol::lane_view>(lane(), describe_lane{}).instances)
      found[one.name] = one.state;
    return found;
  }

  std::ptrdiff_t starts(const std::string& name) const {
    return std::count(world->engine->calls.begin(), world->engine->calls.end(), "start " + name);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(service, service_fixture)

BOOST_AUTO_TEST_CASE(an_instance_that_died_gets_no_requests_while_it_is_started_again) {
  world->manifest_answer->run.instances = 2;
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(live().addresses.size() == 2u);
  auto lost = world->engine->instances.at(d.id + "-1").address;
  kill(d.id + "-1");
  BOOST_REQUIRE(live().addresses.size() == 1u);
  BOOST_TEST(live().addresses.front() != lost);
  advance(1s);
  advance(1s);
  BOOST_TEST(live().addresses.size() == 2u);
}

BOOST_AUTO_TEST_CASE(checks_ask_under_the_name_of_the_lane) {
  auto d = deploy("r1");
  advance(1s);
  advance(limits::health_interval); // of the watch_period
  kill(d.id + "-1");
  advance(1s);
  BOOST_TEST(world->probe->hosts == std::set<std::string>{"shop.localhost"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(checks_ask_under_the_name_that_the_manifest_sets) {
  world->manifest_answer->health.host = "shop.example.org";
  auto d = deploy("r1");
  advance(1s);
  advance(limits::health_interval);
  kill(d.id + "-1");
  advance(1s);
  BOOST_TEST(world->probe->hosts == std::set<std::string>{"shop.example.org"},
             boost::test_tools::per_element());
}

// Each by itself: one that does not come back holds up no other.
BOOST_AUTO_TEST_CASE(instances_are_brought_back_independently) {
  world->manifest_answer->run.instances = 3;
  auto d = deploy("r1");
  advance(1s);
  advance(limits::watch_period);
  world->probe->sick = {"127.0.0.1:1003"}; // the next address
  kill(d.id + "-1");
  advance(1s);
  kill(d.id + "-2");
  advance(1s);
  advance(1s);
  auto seen = states();
  BOOST_TEST(seen.at(d.id + "-1") == "starting");
  BOOST_TEST(seen.at(d.id + "-2") == "running");
  BOOST_TEST(seen.at(d.id + "-3") == "running");
  BOOST_TEST(live().addresses.size() == 2u);
  world->probe->sick.clear();
  advance(1s);
  advance(1s);
  BOOST_TEST(live().addresses.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_status_says_why_an_instance_does_not_run_and_when_it_starts_again) {
  auto d = deploy("r1");
  advance(1s);
  world->engine->kill(d.id + "-1", 7);
  run();
  auto view = ask<protocol::lane_view>(lane(), describe_lane{});
  BOOST_REQUIRE(view.instances.size() == 1u);
  BOOST_TEST(view.instances.front().state == "restarting");
  BOOST_TEST(view.instances.front().detail == "exited with status 7; starts again in 1 s");
  world->probe->all_sick = true;
  advance(limits::restart_backoff_first);
  BOOST_TEST(states().at(d.id + "-1") == "starting");
}

// As one is that crashes some time after it has passed its checks.
BOOST_AUTO_TEST_CASE(an_instance_that_ends_again_and_again_does_not_read_as_running) {
  auto d = deploy("r1");
  advance(1s);
  advance(limits::watch_period);
  const auto seen = [&] {
    return ask<protocol::lane_view>(lane(), describe_lane{}).instances.at(0);
  };
  BOOST_TEST(seen().restarts == 0u);
  const auto live_again = [&] {
    world->engine->kill(d.id + "-1", 7);
    run();
    advance(limits::restart_backoff_max);
    advance(limits::first_health_pause);
  };
  live_again();
  BOOST_TEST(seen().state == "running");
  BOOST_TEST(seen().restarts == 1u);
  BOOST_TEST(seen().detail == "exited with status 7; has run again for 0 s");
  advance(2s);
  live_again();
  advance(3s);
  BOOST_TEST(seen().state == "restarting");
  BOOST_TEST(seen().restarts == 2u);
  BOOST_TEST(seen().detail == "exited with status 7; has run again for 3 s");
  BOOST_TEST(live().addresses.size() == 1u); // it serves as long as it runs
  advance(limits::restart_backoff_max);
  BOOST_TEST(seen().state == "running");
  BOOST_TEST(seen().restarts == 2u);
  BOOST_TEST(seen().detail == "");
}

// It is found at once, not at the health deadline.
BOOST_AUTO_TEST_CASE(one_that_exits_while_it_starts_is_started_again_after_the_next_pause) {
  auto d = deploy("r1");
  advance(1s);
  world->probe->all_sick = true;
  auto pause = limits::restart_backoff_first;
  for (int i = 0; i < 4; ++i) {
    kill(d.id + "-1");
    BOOST_TEST(states().at(d.id + "-1") == "restarting");
    auto begun = starts(d.id + "-1");
    advance(pause);
    BOOST_TEST(starts(d.id + "-1") == begun + 1);
    pause *= 2;
  }
}

// It runs, but hangs: to check the same life again would be in vain.
BOOST_AUTO_TEST_CASE(one_that_misses_the_health_deadline_after_its_restart_gets_a_new_life) {
  auto d = deploy("r1");
  advance(1s);
  world->probe->all_sick = true;
  kill(d.id + "-1");
  advance(limits::restart_backoff_first);
  BOOST_TEST(starts(d.id + "-1") == 2);
  BOOST_TEST(runs(d.id + "-1"));
  for (auto waited = 0s; waited < record(d.id).internals.settings->health.deadline; waited += 1s)
    advance(1s);
  BOOST_TEST(!runs(d.id + "-1"));
  BOOST_TEST(states().at(d.id + "-1") == "restarting");
  world->probe->all_sick = false;
  advance(limits::restart_backoff_max);
  advance(1s);
  BOOST_TEST(starts(d.id + "-1") == 3);
  BOOST_TEST(states().at(d.id + "-1") == "restarting"); // it has ended twice
  advance(limits::restart_backoff_max);
  BOOST_TEST(states().at(d.id + "-1") == "running");
}

BOOST_AUTO_TEST_CASE(an_instance_that_exits_during_the_activation_fails_it_at_once) {
  world->probe->all_sick = true;
  auto d = deploy("r1");
  BOOST_TEST(state_of(d.id) == state::activating);
  world->engine->kill(d.id + "-1", 9);
  run();
  auto failed = record(d.id);
  BOOST_TEST(failed.state == state::failed);
  BOOST_TEST(failed.error->code == errc::unhealthy);
  BOOST_TEST(failed.error->details.at("exit_status") == "9");
  BOOST_TEST(failed.error->details.at("instance") == d.id + "-1");
  BOOST_TEST(failed.error->details.at("log") == "last words of " + d.id + "-1");
  BOOST_TEST(failed.error->message.find("exited with status 9") != std::string::npos);
}

// The active one dies, and is replaced before it was brought back: its successor is kept up too.
BOOST_AUTO_TEST_CASE(a_replacement_during_a_restart_is_kept_up_itself) {
  auto first = deploy("r1");
  advance(1s);
  hold_builds();
  auto second = deploy("r2");
  world->engine->failures["start"] = {errc::unavailable, "no memory", {}};
  kill(first.id + "-1");
  for (auto pause = limits::restart_backoff_first; pause < 5s; pause *= 2)
    advance(pause);
  world->engine->failures.clear();
  held->end_all();
  run();
  advance(1s);
  BOOST_TEST(state_of(second.id) == state::active);
  BOOST_TEST(!runs(first.id + "-1"));
  advance(limits::restart_backoff_max);
  kill(second.id + "-1");
  advance(1s);
  advance(1s);
  BOOST_TEST(runs(second.id + "-1"));
}

BOOST_AUTO_TEST_CASE(an_instance_that_dies_again_and_again_is_started_ever_more_slowly) {
  auto d = deploy("r1");
  advance(1s);
  world->engine->failures["start"] = {errc::unavailable, "no memory", {}};
  auto begun = starts(d.id + "-1");
  kill(d.id + "-1");
  advance(limits::restart_backoff_first);
  BOOST_TEST(starts(d.id + "-1") == begun + 1);
  advance(limits::restart_backoff_first);
  BOOST_TEST(starts(d.id + "-1") == begun + 1);
  advance(limits::restart_backoff_first);
  BOOST_TEST(starts(d.id + "-1") == begun + 2);
}

// One that gets healthy and then crashes is no reason to start it ten times a second.
BOOST_AUTO_TEST_CASE(the_pause_grows_though_it_was_healthy_for_a_moment) {
  auto d = deploy("r1");
  advance(1s);
  for (auto pause = limits::restart_backoff_first; pause < 5s; pause *= 2) {
    auto begun = starts(d.id + "-1");
    kill(d.id + "-1");
    advance(pause - 1ms);
    BOOST_TEST(starts(d.id + "-1") == begun);
    advance(1ms);
    BOOST_TEST(starts(d.id + "-1") == begun + 1);
    advance(1s);
    BOOST_REQUIRE(runs(d.id + "-1"));
  }
  advance(limits::restart_backoff_max + 1s);
  kill(d.id + "-1");
  advance(limits::restart_backoff_first + 1s);
  BOOST_TEST(runs(d.id + "-1"));
}

// Nothing is started any more of a deployment that was replaced.
BOOST_AUTO_TEST_CASE(a_restart_of_what_was_replaced_is_given_up) {
  parts->clusters.front().watch_period = 0s;
  hold_builds();
  auto first = deploy("r1");
  held->end_all();
  run();
  advance(1s);
  auto second = deploy("r2");
  auto before = running();
  kill(first.id + "-1");
  world->probe->sick = {"127.0.0.1:1001"};
  advance(1s);
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(running() > before);
  held->end_all();
  run();
  advance(1s);
  BOOST_TEST(state_of(second.id) == state::active);
  auto asked = world->probe->asked;
  advance(2s);
  BOOST_TEST(world->probe->asked == asked);
}

BOOST_AUTO_TEST_CASE(a_rollback_whose_artifact_is_gone_fails_and_the_present_one_serves_on) {
  deploy("r1");
  advance(1s);
  auto second = deploy("r2");
  advance(limits::drain + 1s);
  world->engine->failures["start"] = {errc::not_found, "no such artifact", {}};
  auto back =
      ask<result<admitted>>(lane(), start_release{operation::rollback, "b1", {}, {}, {}, "ann"});
  BOOST_REQUIRE(back.has_value());
  advance(1s);
  BOOST_TEST(state_of(back->deployment.id) == state::failed);
  BOOST_TEST(record(back->deployment.id).error->code == errc::not_found);
  BOOST_TEST(state_of(second.id) == state::active);
  BOOST_TEST(live().deployment == second.id);
  BOOST_TEST(runs(second.id + "-1"));
}

// The instances of a rollback are new: those that drain are another deployment's.
BOOST_AUTO_TEST_CASE(a_rollback_to_what_still_drains_starts_instances_of_its_own) {
  auto first = deploy("r1");
  advance(1s);
  deploy("r2");
  advance(1s);
  BOOST_TEST(runs(first.id + "-1"));
  auto back =
      ask<result<admitted>>(lane(), start_release{operation::rollback, "b1", {}, {}, {}, "ann"});
  BOOST_REQUIRE(back.has_value());
  advance(1s);
  advance(limits::drain + 1s);
  BOOST_TEST(!runs(first.id + "-1"));
  BOOST_TEST(runs(back->deployment.id + "-1"));
  BOOST_TEST(live().deployment == back->deployment.id);
}

BOOST_AUTO_TEST_CASE(a_promotion_to_an_engine_that_cannot_start_the_version_is_refused) {
  auto boxes = cluster_settings{};
  boxes.name = "boxes";
  boxes.engine = "docker";
  parts->engines["docker"] = world->engine;
  parts->clusters.push_back(boxes);
  deploy("r1");
  advance(1s);
  auto answer = ask<result<admitted>>(
      lane("shop", "boxes"),
      start_release{operation::promote, "p1", version_number{1}, {}, {}, "ann"});
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
