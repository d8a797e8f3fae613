// What serves is kept up, beside everything else that happens in its lane.
#include "test/actors/actor_fixture.hpp"

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
  BOOST_TEST((state_of(second.id) == state::active));
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

// Of what was replaced nothing is started any more.
BOOST_AUTO_TEST_CASE(a_restart_of_what_was_replaced_is_given_up) {
  auto first = deploy("r1");
  advance(1s);
  hold_builds();
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
  BOOST_TEST((state_of(second.id) == state::active));
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
  BOOST_TEST((state_of(back->deployment.id) == state::failed));
  BOOST_TEST((record(back->deployment.id).error->code == errc::not_found));
  BOOST_TEST((state_of(second.id) == state::active));
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
  BOOST_TEST((answer.error().code == errc::invalid_argument));
}

BOOST_AUTO_TEST_SUITE_END()
