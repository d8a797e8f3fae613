// A router that does not say whether it has switched: what it may send requests to is kept, and
// nothing is added to it.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct undecided_fixture : actor_fixture {
  // A route keeper whose router never answers.
  void silence_router() {
    own_lane([this](lane_parts& made) { made.routes = silent<route_keeper_actor>(); });
  }

  void pass(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s)
      advance(1s);
  }

  // Until the switch has been given up.
  deployment fail_in_switch(const std::string& request_id) {
    auto d = deploy(request_id);
    pass(limits::switch_timeout + 5s);
    BOOST_TEST_REQUIRE(state_of(d.id) == state::failed);
    return d;
  }

  errc refusal(const std::string& request_id) {
    auto how = ask<result<admitted>>(lane(), request(request_id));
    BOOST_REQUIRE(!how.has_value());
    return how.error().code;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(undecided_switches, undecided_fixture)

BOOST_AUTO_TEST_CASE(a_silent_router_costs_the_instances_of_one_deployment) {
  silence_router();
  auto first = fail_in_switch("r1");
  BOOST_TEST(world->engine->instances.size() == 1u);
  auto second = deploy("r2"); // it is not known yet that the router stays silent
  pass(10s);
  BOOST_TEST(state_of(second.id) == state::activating);
  BOOST_TEST(world->engine->instances.size() == 1u);
  pass(limits::switch_timeout);
  BOOST_TEST(refusal("r3") == errc::unavailable);
  pass(3min);
  BOOST_TEST(state_of(second.id) == state::failed);
  BOOST_TEST(record(second.id).error->code == errc::unavailable);
  BOOST_TEST(world->engine->instances.size() == 1u);
  BOOST_TEST(world->engine->instances.contains(first.id + "-1"));
}

BOOST_AUTO_TEST_CASE(what_waited_goes_on_when_the_router_answers) {
  world->router->failure = error{errc::unavailable, "not now", {}};
  world->router->switch_before_failing = true;
  world->router->failing_restores = 2;
  auto first = deploy("r1");
  advance(1s);
  BOOST_TEST_REQUIRE(state_of(first.id) == state::failed);
  BOOST_TEST(refusal("r2") == errc::unavailable);
  advance(limits::retry_pause);
  BOOST_TEST(world->engine->instances.empty());
  auto second = deploy("r3");
  advance(1s);
  BOOST_TEST(state_of(second.id) == state::active);
  BOOST_TEST(world->router->routes.begin()->second.deployment == second.id);
}

BOOST_AUTO_TEST_CASE(what_was_admitted_meanwhile_is_activated_when_the_router_answers) {
  auto held_up = deploy("r1", when_busy::queue);
  auto waits = deploy("r2", when_busy::queue);
  world->router->failure = error{errc::unavailable, "not now", {}};
  world->router->switch_before_failing = true;
  world->router->failing_restores = 2;
  advance(1s);
  BOOST_TEST_REQUIRE(state_of(held_up.id) == state::failed);
  advance(1s);
  BOOST_TEST(state_of(waits.id) == state::activating);
  BOOST_TEST(!world->engine->instances.contains(waits.id + "-1"));
  advance(limits::retry_pause);
  advance(1s);
  BOOST_TEST(state_of(waits.id) == state::active);
  BOOST_TEST(world->engine->instances.size() == 1u);
}

// Nothing can be routed to it.
BOOST_AUTO_TEST_CASE(what_was_never_switched_to_is_stopped_whatever_the_router_says) {
  silence_router();
  world->probe->all_sick = true;
  auto first = deploy("r1");
  pass(2s);
  BOOST_TEST(world->engine->instances.size() == 1u);
  auto gone = ask<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(gone->state == state::cancelled);
  BOOST_TEST(world->engine->instances.empty());
  auto second = deploy("r2");
  pass(limits::health_deadline + 2s);
  BOOST_TEST(path_of(second.id) == "preparing building pushing activating failed");
  BOOST_TEST(world->engine->instances.empty());
}

BOOST_AUTO_TEST_SUITE_END()
