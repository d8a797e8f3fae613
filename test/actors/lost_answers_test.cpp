// A call that the router or an engine refuses, or whose answer is lost, is done in the end: the
// simulation found each of these.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct lost_answers_fixture : actor_fixture {
  const lane_key here{"shop", "local"};
  const error refusal{errc::unavailable, "not now", {}};

  std::size_t routed() const {
    auto to = world->router->routes.find(here);
    return to == world->router->routes.end() ? 0 : to->second.addresses.size();
  }

  deployment deploy_and_settle(const std::string& request_id) {
    auto d = deploy(request_id);
    advance(1s);
    BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
    BOOST_REQUIRE(routed() == 1u);
    return d;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lost_answers, lost_answers_fixture)

BOOST_AUTO_TEST_CASE(a_lane_that_is_brought_back_routes_to_what_runs) {
  auto d = deploy_and_settle("r1");
  world->engine->kill(d.id + "-1");
  run();
  BOOST_TEST(routed() == 0u);
  caf::anon_send_exit(lane(), caf::exit_reason::kill);
  run();
  // Its worker had started it; nobody was left to route to it.
  world->engine->instances.at(d.id + "-1").state = instance_state::running;
  advance(1s);
  BOOST_TEST(routed() == 1u);
}

BOOST_AUTO_TEST_CASE(a_route_that_the_router_refused_is_made_later) {
  auto d = deploy_and_settle("r1");
  world->engine->kill(d.id + "-1");
  run();
  world->router->failure = refusal;
  advance(1s);
  advance(1s);
  BOOST_TEST(routed() == 0u);
  advance(limits::retry_pause);
  BOOST_TEST(routed() == 1u);
}

BOOST_AUTO_TEST_CASE(an_instance_is_not_stopped_while_the_router_may_send_it_requests) {
  world->router->failure = refusal;
  world->router->switch_before_failing = true;
  world->router->failing_restores = 2;
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::failed);
  BOOST_TEST(routed() == 1u);
  BOOST_TEST(world->engine->instances.contains(d.id + "-1"));
  advance(limits::retry_pause);
  BOOST_TEST(routed() == 0u);
  BOOST_TEST(!world->engine->instances.contains(d.id + "-1"));
}

BOOST_AUTO_TEST_CASE(an_instance_that_could_not_be_stopped_is_stopped_later) {
  world->probe->all_sick = true;
  auto d = deploy("r1");
  run();
  world->engine->failures.emplace("stop", refusal);
  auto gone = ask<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(world->engine->instances.contains(d.id + "-1"));
  world->engine->failures.clear();
  advance(limits::retry_pause);
  BOOST_TEST(!world->engine->instances.contains(d.id + "-1"));
}

BOOST_AUTO_TEST_CASE(what_a_lane_that_died_had_to_remove_is_removed) {
  deploy_and_settle("r1");
  world->engine->built.insert("0000000000000009");
  world->sources->open["0000000000000008"] = {};
  caf::anon_send_exit(lane(), caf::exit_reason::kill);
  run();
  advance(1s);
  BOOST_TEST(world->engine->built.empty());
  BOOST_TEST(world->sources->open.empty());
}

BOOST_AUTO_TEST_SUITE_END()
