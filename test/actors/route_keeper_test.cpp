// The route keeper brings the router back with what was confirmed, and never in two rows of tries.
#include "actors/workers/route_keeper.hpp"
#include "test/actors/actor_fixture.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct keeper_fixture : actor_fixture {
  route to_first{{"shop", "local"}, "d1", {"127.0.0.1:1"}};
  route to_second{{"shop", "local"}, "d2", {"127.0.0.1:2"}};

  result<done> switch_to(const route& to) {
    return ask<result<done>>(actors.routes, switch_route{to});
  }

  std::string live() const {
    auto found = world->router->routes.find({"shop", "local"});
    return found == world->router->routes.end() ? "" : found->second.deployment;
  }

  void die() {
    world->router->routes.clear();
    world->router->on_death();
    run();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(keeper, keeper_fixture)

BOOST_AUTO_TEST_CASE(a_router_that_died_gets_the_routes_that_it_had_confirmed) {
  BOOST_TEST(switch_to(to_first).has_value());
  world->router->failure = error{errc::unavailable, "no answer", {}};
  BOOST_TEST(!switch_to(to_second).has_value());
  die();
  BOOST_TEST(live() == "d1");
}

// It may have died just before: nobody has told the keeper yet.
BOOST_AUTO_TEST_CASE(a_switch_that_meets_a_dead_router_is_made_when_it_is_back) {
  BOOST_TEST(switch_to(to_first).has_value());
  const route other{{"blog", "local"}, "d3", {"127.0.0.1:3"}};
  BOOST_TEST(switch_to(other).has_value());
  world->router->dead = true;
  world->router->routes.clear();
  BOOST_TEST(switch_to(to_second).has_value());
  BOOST_TEST(live() == "d2");
  BOOST_TEST(world->router->routes.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_switch_that_meets_a_router_that_cannot_be_started_fails) {
  BOOST_TEST(switch_to(to_first).has_value());
  world->router->dead = true;
  world->router->failing_restores = 1;
  BOOST_TEST(!switch_to(to_second).has_value());
  run();
  BOOST_TEST(live() == "d1");
}

// Its answer may have been lost after the change.
BOOST_AUTO_TEST_CASE(a_switch_that_was_not_confirmed_is_undone) {
  BOOST_TEST(switch_to(to_first).has_value());
  world->router->failure = error{errc::unavailable, "no answer", {}};
  world->router->switch_before_failing = true;
  BOOST_TEST(!switch_to(to_second).has_value());
  run();
  BOOST_TEST(live() == "d1");
}

BOOST_AUTO_TEST_CASE(a_lane_that_had_no_route_has_none_after_a_switch_that_was_not_confirmed) {
  world->router->failure = error{errc::unavailable, "no answer", {}};
  world->router->switch_before_failing = true;
  BOOST_TEST(!switch_to(to_first).has_value());
  run();
  BOOST_TEST(live().empty());
}

BOOST_AUTO_TEST_CASE(a_router_that_does_not_start_is_tried_again_ever_more_slowly) {
  BOOST_TEST(switch_to(to_first).has_value());
  auto restores = world->router->restores;
  world->router->failing_restores = 3;
  die();
  BOOST_TEST(world->router->restores == restores + 1);
  advance(limits::restart_backoff_first - 1ms);
  BOOST_TEST(world->router->restores == restores + 1);
  advance(1ms);
  BOOST_TEST(world->router->restores == restores + 2);
  advance(2 * limits::restart_backoff_first - 1ms);
  BOOST_TEST(world->router->restores == restores + 2);
  advance(1ms);
  BOOST_TEST(world->router->restores == restores + 3);
  advance(4 * limits::restart_backoff_first);
  BOOST_TEST(world->router->restores == restores + 4);
  BOOST_TEST(live() == "d1");
  advance(limits::restart_backoff_max);
  BOOST_TEST(world->router->restores == restores + 4);
}

BOOST_AUTO_TEST_CASE(the_pause_is_short_again_after_a_success) {
  world->router->failing_restores = 4;
  die();
  for (int i = 0; i < 4; ++i)
    advance(limits::restart_backoff_max);
  BOOST_TEST(world->router->failing_restores == 0u);
  auto restores = world->router->restores;
  world->router->failing_restores = 1;
  die();
  advance(limits::restart_backoff_first);
  BOOST_TEST(world->router->restores == restores + 2);
}

// A router that dies while it starts is reported, too: that is no reason for another row of tries.
BOOST_AUTO_TEST_CASE(deaths_while_it_is_tried_again_do_not_multiply_the_tries) {
  auto restores = world->router->restores;
  world->router->failing_restores = 1000;
  for (int i = 0; i < 5; ++i)
    die();
  BOOST_TEST(world->router->restores == restores + 1);
  advance(limits::restart_backoff_first);
  BOOST_TEST(world->router->restores == restores + 2);
  world->router->failing_restores = 0;
}

BOOST_AUTO_TEST_SUITE_END()
