// Calls of the engine and of the router that outlive the lane that asked for them: the simulation
// found each of these orders.
#include "actors/workers/route_keeper.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

using during_call = std::function<void()>;

// The test goes on in the middle of the next stop, before it has an effect.
struct engine_with_long_stops : fake_engine {
  during_call during_stop;
  result<void> stop(const std::string& name, duration grace) override {
    if (auto then = std::exchange(during_stop, {}))
      then();
    return fake_engine::stop(name, grace);
  }
};

// The same with switches and restores; and what it was switched to, in its order.
struct router_with_long_calls : fake_router {
  during_call during_switch;
  during_call during_restore;
  std::function<void(const route&)> on_switched;
  result<void> switch_to(const route& to) override {
    if (auto then = std::exchange(during_switch, {}))
      then();
    if (on_switched)
      on_switched(to);
    return fake_router::switch_to(to);
  }
  result<void> restore(const std::vector<route>& all) override {
    if (auto then = std::exchange(during_restore, {}))
      then();
    return fake_router::restore(all);
  }
};

struct outlived_fixture : actor_fixture {
  std::shared_ptr<engine_with_long_stops> engine = std::make_shared<engine_with_long_stops>();
  std::shared_ptr<router_with_long_calls> router = std::make_shared<router_with_long_calls>();

  outlived_fixture() {
    world->engine = engine;
    world->router = router;
    parts->engines["process"] = engine;
    parts->router = router;
    restart();
  }

  std::string live(const std::string& request_id) {
    auto d = deploy(request_id);
    advance(1s);
    BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
    return d.id;
  }

  void kill_lane() {
    caf::anon_send_exit(lane(), caf::exit_reason::kill);
    run();
  }

  void pass(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s)
      advance(1s);
  }

  std::size_t routed() const {
    auto to = router->routes.find({"shop", "local"});
    return to == router->routes.end() ? 0 : to->second.addresses.size();
  }

  std::ptrdiff_t calls(const std::string& call) const {
    return std::count(engine->calls.begin(), engine->calls.end(), call);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(outlived_calls, outlived_fixture)

// Seed 155957: the router sent requests to an instance that was then stopped.
BOOST_AUTO_TEST_CASE(an_instance_that_is_being_stopped_does_not_serve) {
  const auto d = live("r1");
  world->probe->all_sick = true;
  std::optional<std::size_t> routed_meanwhile;
  std::optional<std::ptrdiff_t> starts;
  engine->during_stop = [&] {
    kill_lane();
    starts = calls("start " + d + "-1");
    pass(3s); // its successor is there, and the engine lists the instance
    routed_meanwhile = routed();
    BOOST_TEST(calls("start " + d + "-1") == *starts);
  };
  engine->kill(d + "-1");
  pass(std::chrono::ceil<std::chrono::seconds>(limits::health_deadline) + 2s);
  BOOST_REQUIRE(routed_meanwhile.has_value());
  BOOST_TEST(*routed_meanwhile == 0u);
  world->probe->all_sick = false;
  pass(3s);
  BOOST_TEST(routed() == 1u);
  BOOST_TEST(calls("start " + d + "-1") == *starts + 1);
}

// Its predecessor has died, and only the engine knows what it was doing.
BOOST_AUTO_TEST_CASE(an_instance_that_nobody_wants_is_stopped_though_it_only_begins_to_run) {
  const auto replaced = live("r1");
  live("r2");
  pass(std::chrono::ceil<std::chrono::seconds>(cluster_settings{}.drain) + 2s);
  const auto stops = calls("stop " + replaced + "-1");
  BOOST_TEST(stops == 1);
  auto start = actors.unsettled->begin({replaced + "-1", replaced, {"shop", "local"}, {}, {}});
  kill_lane();
  pass(2s + std::chrono::ceil<std::chrono::seconds>(cluster_settings{}.drain));
  BOOST_TEST(calls("stop " + replaced + "-1") == stops + 1);
}

BOOST_AUTO_TEST_CASE(an_instance_is_unsettled_until_its_last_call_has_ended) {
  auto start = actors.unsettled->begin({"d1-1", "d1", {"shop", "local"}, {}, {}});
  auto stop = actors.unsettled->begin({"d1-1", "d1", {}, {}, {}});
  start.reset();
  BOOST_TEST(actors.unsettled->contains("d1-1"));
  const auto listed = actors.unsettled->list(*engine);
  BOOST_REQUIRE_EQUAL(listed->size(), 1u);
  BOOST_TEST((listed->front().state == instance_state::exited));
  stop.reset();
  BOOST_TEST(!actors.unsettled->contains("d1-1"));
  BOOST_TEST(actors.unsettled->list(*engine)->empty());
}

// Seed 103630, with many rollbacks: the router was switched to a deployment that was cancelled
// meanwhile.
BOOST_AUTO_TEST_CASE(a_lane_does_not_come_back_while_a_switch_of_its_predecessor_is_under_way) {
  std::string id;
  std::optional<state> at_switch;
  router->during_switch = [&] {
    kill_lane();
    pass(3s);
    auto now = ask<result<lane_requests_actor>>(actors.supervisor, find_lane{{"shop", "local"}});
    caf::anon_send(*now, cancel_deployment{id, "bob"});
    run();
  };
  router->on_switched = [&](const route& to) {
    if (!to.addresses.empty() && !at_switch)
      at_switch = state_of(to.deployment);
  };
  id = make_deployment_id({}, ids_ + 1);
  deploy("r1");
  pass(1s);
  BOOST_REQUIRE(at_switch.has_value());
  BOOST_TEST(*at_switch == state::activating);
  pass(3s);
  BOOST_TEST(state_of(id) == state::active);
}

// Its keeper may wait for a router that does not answer.
BOOST_AUTO_TEST_CASE(a_lane_comes_back_without_an_answer_of_the_router_in_the_end) {
  const auto d = live("r1");
  engine->kill(d + "-1");
  router->during_switch = [&] {
    kill_lane();
    pass(limits::switch_timeout + 3s);
    auto view = ask<protocol::lane_view>(lane(), describe_lane{});
    BOOST_REQUIRE(view.active.has_value());
    BOOST_TEST(view.active->id == d);
  };
  run();
  BOOST_TEST(!router->during_switch);
}

// Seed 106200, with many rollbacks: an instance that had come back got its route when the requests
// to its app were to be refused.
BOOST_AUTO_TEST_CASE(a_route_that_waits_for_its_turn_is_not_made_when_its_app_is_destroyed) {
  const auto d = live("r1");
  std::optional<protocol::destroyed> gone;
  std::vector<std::size_t> later;
  router->during_switch = [&] {
    pass(2s); // it is healthy again, and its route is asked for
    BOOST_TEST(engine->instances.contains(d + "-1"));
    caf::anon_send(lane(), destroy_lane{"ann"});
    run();
    BOOST_TEST_REQUIRE(state_of(d) == state::retired);
    router->on_switched = [&](const route& to) { later.push_back(to.addresses.size()); };
  };
  engine->kill(d + "-1");
  run();
  BOOST_TEST(!router->during_switch);
  pass(3s);
  // The loss of the instance, and the end of the requests.
  BOOST_TEST(later == (std::vector<std::size_t>{0, 0}), boost::test_tools::per_element());
  BOOST_TEST(engine->instances.empty());
}

BOOST_AUTO_TEST_CASE(a_switch_that_is_given_up_while_the_router_begins_again_is_not_made) {
  std::stop_source lane_ends;
  router->dead = true;
  router->during_restore = [&] { lane_ends.request_stop(); };
  const route wanted{{"shop", "local"}, "d1", {"127.0.0.1:1"}, {}};
  auto how = ask<result<done>>(actors.routes, switch_route{wanted, lane_ends.get_token()});
  BOOST_TEST(!how.has_value());
  run();
  BOOST_TEST(router->routes.empty());
}

BOOST_AUTO_TEST_SUITE_END()
