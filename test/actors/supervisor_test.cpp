// The supervisor makes lanes, brings them back when they die, and leaves nothing of theirs behind.
#include "actors/supervision/supervisor.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct supervisor_fixture : actor_fixture {
  lane_requests_actor found(const std::string& app = "shop") {
    auto answer = ask<result<lane_requests_actor>>(actors.supervisor, find_lane{{app, "local"}});
    BOOST_REQUIRE(answer.has_value());
    return *answer;
  }

  void kill_lane(const std::string& app = "shop") {
    caf::anon_send_exit(found(app), caf::exit_reason::kill);
    run();
  }

  // How long the lane stays away after a death.
  std::chrono::milliseconds absence() {
    auto dead = found();
    kill_lane();
    auto waited = 0ms;
    for (; found() == dead && waited < limits::restart_backoff_max + 1s; waited += 50ms)
      advance(50ms);
    return waited;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervision, supervisor_fixture)

BOOST_AUTO_TEST_CASE(a_cluster_that_is_not_configured_has_no_lanes) {
  auto answer = ask<result<lane_requests_actor>>(actors.supervisor, find_lane{{"shop", "moon"}});
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::not_found);
  BOOST_TEST(answer.error().details.at("cluster") == "moon");
}

BOOST_AUTO_TEST_CASE(a_lane_has_one_actor) {
  BOOST_TEST(found() == found());
  BOOST_TEST(found("shop") != found("blog"));
}

BOOST_AUTO_TEST_CASE(a_lane_that_dies_again_and_again_stays_away_ever_longer) {
  auto first = absence();
  BOOST_TEST(first == limits::restart_backoff_first);
  BOOST_TEST(absence() == (2 * first));
  BOOST_TEST(absence() == (4 * first));
}

BOOST_AUTO_TEST_CASE(a_lane_that_has_lived_for_long_is_brought_back_quickly_again) {
  deploy("r1");
  advance(1s);
  auto first = absence();
  absence();
  absence();
  advance(2 * limits::restart_backoff_max);
  BOOST_TEST(absence() == first);
}

BOOST_AUTO_TEST_CASE(the_death_of_one_lane_is_nothing_to_another) {
  world->probe->all_sick = true;
  auto shop = deploy("r1");
  auto other = request("b1");
  other.request.app = "blog";
  auto blog = ask<result<admitted>>(found("blog"), other);
  BOOST_REQUIRE(blog.has_value());
  BOOST_TEST(state_of(shop.id) == state::activating);
  kill_lane();
  send_source(*blog);
  world->probe->all_sick = false;
  advance(1s);
  advance(1s);
  BOOST_TEST(state_of(blog->deployment.id) == state::active);
  advance(1s);
  BOOST_TEST(state_of(shop.id) == state::active);
}

BOOST_AUTO_TEST_CASE(what_was_draining_when_its_lane_died_is_stopped_after_the_drain) {
  auto first = deploy("r1");
  advance(1s);
  auto second = deploy("r2");
  advance(1s);
  BOOST_TEST(world->engine->instances.contains(first.id + "-1"));
  kill_lane();
  advance(1s);
  BOOST_TEST(world->engine->instances.contains(first.id + "-1"));
  advance(limits::drain + 1s);
  BOOST_TEST(!world->engine->instances.contains(first.id + "-1"));
  BOOST_TEST(world->engine->instances.contains(second.id + "-1"));
}

BOOST_AUTO_TEST_CASE(what_was_draining_when_the_server_died_is_drained_by_the_next) {
  auto first = deploy("r1");
  advance(1s);
  deploy("r2");
  advance(1s);
  restart();
  BOOST_TEST(world->engine->instances.contains(first.id + "-1"));
  advance(limits::drain + 1s);
  BOOST_TEST(!world->engine->instances.contains(first.id + "-1"));
}

// It may have died between the router's confirmation and the commit.
BOOST_AUTO_TEST_CASE(a_lane_that_died_in_the_switch_routes_to_the_active_one_until_it_switches) {
  auto first = deploy("r1");
  advance(1s);
  world->probe->all_sick = true;
  auto second = deploy("r2");
  run();
  BOOST_TEST(state_of(second.id) == state::activating);
  auto& now = world->router->routes.begin()->second;
  now.deployment = second.id;
  kill_lane();
  advance(1s);
  BOOST_TEST(state_of(second.id) == state::activating);
  BOOST_TEST(world->router->routes.begin()->second.deployment == first.id);
  auto gone = ask<result<deployment>>(found(), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(world->router->routes.begin()->second.deployment == first.id);
}

BOOST_AUTO_TEST_CASE(an_engine_that_does_not_list_delays_the_lane_and_loses_nothing) {
  world->probe->all_sick = true;
  auto d = deploy("r1");
  world->engine->failures["list"] = {errc::unavailable, "not now", {}};
  kill_lane();
  advance(1s);
  world->engine->failures.clear();
  world->probe->all_sick = false;
  for (int i = 0; i < 5; ++i)
    advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_lane_with_nothing_to_do_ends_and_begins_again_when_it_is_wanted) {
  auto before = running();
  auto idle = found();
  advance(limits::lane_idle - 1s);
  BOOST_TEST(running() == before + 1);
  advance(1s);
  BOOST_TEST(running() == before);
  BOOST_TEST(found() != idle);
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_lane_whose_deployment_failed_ends_when_all_is_cleaned_up) {
  auto before = running();
  world->engine->failures["build"] = {errc::build_failed, "make: 2", {}};
  deploy("r1");
  advance(1s);
  BOOST_TEST(running() == before + 1);
  advance(limits::lane_idle);
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_CASE(a_lane_that_waits_for_a_source_stays) {
  auto other = request("b1");
  other.request.app = "blog";
  BOOST_REQUIRE(ask<result<admitted>>(found("blog"), other).has_value());
  auto blog = found("blog");
  advance(limits::lane_idle + 1s);
  advance(limits::lane_idle + 1s);
  BOOST_TEST(found("blog") == blog);
}

BOOST_AUTO_TEST_CASE(asking_after_a_lane_that_was_never_used_makes_none) {
  auto before = running();
  find_lane wanted{{"shop", "local"}, lane_search::used};
  auto answer = ask<result<lane_requests_actor>>(actors.supervisor, wanted);
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::not_found);
  auto seen = ask<result<lane_presence>>(actors.supervisor, look_at_lane{wanted.lane});
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST((!seen->actor && !seen->rests));
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_CASE(a_lane_that_was_used_is_found_again_after_it_has_ended) {
  world->engine->failures["build"] = {errc::build_failed, "make: 2", {}};
  deploy("r1");
  advance(limits::lane_idle + 1s);
  auto before = running();
  find_lane wanted{{"shop", "local"}, lane_search::used};
  BOOST_TEST(!ask<result<lane_presence>>(actors.supervisor, look_at_lane{wanted.lane})->actor);
  BOOST_TEST(ask<result<lane_requests_actor>>(actors.supervisor, wanted).has_value());
  BOOST_TEST(running() == before + 1);
}

// Hands, workers: every one of them ends.
BOOST_AUTO_TEST_CASE(what_works_for_a_lane_ends_with_it) {
  auto before = running();
  world->probe->all_sick = true;
  deploy("r1");
  run();
  BOOST_TEST(running() > before);
  kill_lane();
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_CASE(a_finished_deployment_leaves_only_its_lane) {
  found();
  auto before = running();
  deploy("r1");
  advance(1s);
  deploy("r2");
  advance(limits::drain + 2s);
  advance(limits::watch_period);
  BOOST_TEST(running() == before);
  world->engine->failures["build"] = {errc::build_failed, "make: 2", {}};
  deploy("r3");
  advance(1s);
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_SUITE_END()
