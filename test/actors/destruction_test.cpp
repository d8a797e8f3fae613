// A lane's app is destroyed: its instances end, its host names are free, its records stay.
#include "actors/session/listing.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct destruction_fixture : actor_fixture {
  deployment live(const std::string& request_id) {
    auto made = deploy(request_id);
    advance(1s);
    return record(made.id);
  }

  result<protocol::destroyed> destroy() {
    return ask<result<protocol::destroyed>>(lane(), destroy_lane{"ann"});
  }

  std::ptrdiff_t starts() const {
    return std::count_if(world->engine->calls.begin(), world->engine->calls.end(),
                         [](const auto& call) { return call.starts_with("start"); });
  }

  lane_record lane_now() const { return *records->lane({"shop", "local"}); }

  bool is_listed() const {
    auto shown = listing::lanes_from(*records, {}, {});
    return !shown->empty();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(destruction, destruction_fixture)

BOOST_AUTO_TEST_CASE(nothing_of_a_destroyed_app_runs_and_its_names_are_free) {
  auto served = live("r1");
  BOOST_REQUIRE(served.state == state::active);
  auto gone = destroy();
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(gone->deployment.value() == served.id);
  BOOST_TEST(to_string(gone->version.value()) == "v1");
  BOOST_TEST(gone->hosts == std::vector<std::string>{"shop.localhost"});
  BOOST_TEST(world->engine->list()->empty());
  BOOST_TEST(world->router->routes.empty());
  BOOST_TEST(!records->holder_of("shop.localhost")->has_value());
  BOOST_TEST(path_of(served.id) == "preparing building pushing activating active retired");
  BOOST_TEST(record(served.id).transitions.back().by == "ann");
  BOOST_TEST(!lane_now().active.has_value());
  BOOST_TEST(!is_listed());
}

BOOST_AUTO_TEST_CASE(destroyed_twice_is_destroyed) {
  live("r1");
  BOOST_TEST(destroy().has_value());
  auto again = destroy();
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(!again->deployment.has_value());
}

BOOST_AUTO_TEST_CASE(two_who_ask_at_once_get_the_same_answer) {
  live("r1");
  auto asked = lane();
  auto first = self->request(asked, 3600s, destroy_lane{"ann"});
  auto second = self->request(asked, 3600s, destroy_lane{"bob"});
  run();
  auto one = take<result<protocol::destroyed>>(first);
  auto two = take<result<protocol::destroyed>>(second);
  BOOST_REQUIRE(one.has_value());
  BOOST_REQUIRE(two.has_value());
  BOOST_TEST((*one == *two));
}

BOOST_AUTO_TEST_CASE(an_app_that_never_went_live_is_not_listed_any_more) {
  world->probe->all_sick = true;
  auto failed = deploy("r1");
  for (int i = 0; i < 130; ++i)
    advance(500ms);
  BOOST_REQUIRE(state_of(failed.id) == state::failed);
  BOOST_TEST(is_listed());
  BOOST_TEST(destroy().has_value());
  BOOST_TEST(!is_listed());
}

BOOST_AUTO_TEST_CASE(while_a_deployment_is_in_flight_the_app_stays) {
  live("r1");
  hold_builds();
  auto held_up = deploy("r2");
  auto refused = destroy();
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == errc::in_flight);
  BOOST_TEST(refused.error().details.at("deployment") == held_up.id);
  BOOST_TEST(lane_now().active.has_value());
}

BOOST_AUTO_TEST_CASE(a_destroyed_app_is_deployed_again_and_begins_anew) {
  auto first = live("r1");
  BOOST_TEST(destroy().has_value());
  auto second = live("r2");
  BOOST_TEST(second.state == state::active);
  BOOST_TEST(to_string(second.version.value()) == "v2");
  BOOST_TEST(!second.replaces.has_value());
  BOOST_TEST(is_listed());
  auto back =
      ask<result<admitted>>(lane(), start_release{operation::rollback, "b1", {}, {}, {}, "ann"});
  BOOST_REQUIRE(!back.has_value());
  BOOST_TEST(back.error().code == errc::not_found);
}

BOOST_AUTO_TEST_CASE(an_instance_that_ends_then_is_not_started_again) {
  auto served = live("r1");
  BOOST_TEST(destroy().has_value());
  advance(10min);
  BOOST_TEST(starts() == 1);
  BOOST_TEST(state_of(served.id) == state::retired);
}

BOOST_AUTO_TEST_CASE(a_router_that_does_not_answer_is_asked_until_it_does) {
  live("r1");
  world->router->failure = error{errc::unavailable, "no", {}};
  world->router->failing_restores = 2;
  auto pending = later<result<protocol::destroyed>>(lane(), destroy_lane{"ann"});
  for (int i = 0; i < 20; ++i)
    advance(5s);
  auto gone = take<result<protocol::destroyed>>(pending);
  BOOST_TEST(gone.has_value());
  BOOST_TEST(world->engine->list()->empty());
  BOOST_TEST(world->router->routes.empty());
}

// The instances have ended, and the router was not asked to forget them yet.
BOOST_AUTO_TEST_CASE(a_lane_that_died_meanwhile_asks_the_router_again) {
  auto served = live("r1");
  BOOST_REQUIRE(destroy().has_value());
  auto refuses = ask<result<done>>(actors.routes, switch_route{{{"shop", "local"}, served.id, {}}});
  BOOST_REQUIRE(refuses.has_value());
  BOOST_REQUIRE(!world->router->routes.empty());
  own_lane([](lane_parts&) {});
  BOOST_TEST(world->router->routes.empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_died_meanwhile_ends_the_instances_at_its_next_start) {
  auto served = live("r1");
  world->engine->failures.emplace("stop", error{errc::unavailable, "the engine is down", {}});
  BOOST_TEST(destroy().has_value());
  BOOST_TEST(!lane_now().active.has_value());
  BOOST_TEST(!world->engine->list()->empty());
  world->engine->failures.clear();
  restart();
  advance(parts->clusters.front().drain + 1s);
  BOOST_TEST(world->engine->list()->empty());
  BOOST_TEST(world->router->routes.empty());
  BOOST_TEST(state_of(served.id) == state::retired);
}

BOOST_AUTO_TEST_SUITE_END()
