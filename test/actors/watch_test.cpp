// The watch_period: what turns unhealthy just after it went live gives way to what was there
// before.
#include "test/actors/actor_fixture.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct watch_fixture : actor_fixture {
  deployment active() const { return record(records->lane({"shop", "local"})->active.value()); }

  std::string address_of(const std::string& name) const {
    return world->engine->instances.at(name).address;
  }

  deployment go_live(const std::string& request_id) {
    auto d = deploy(request_id);
    advance(1s);
    BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
    return record(d.id);
  }

  // The same in a lane that holds its builds.
  deployment go_live_held(const std::string& request_id) {
    auto d = deploy(request_id);
    held->end_all();
    run();
    advance(1s);
    BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
    return record(d.id);
  }

  void make_sick(const deployment& d) { world->probe->sick.insert(address_of(d.id + "-1")); }

  void checks(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
      advance(limits::health_interval);
  }

  std::vector<deployment> all() const { return records->history({})->deployments; }

  protocol::instance_view first_instance() {
    return ask<protocol::lane_view>(lane(), describe_lane{}).instances.front();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(watch, watch_fixture)

BOOST_AUTO_TEST_CASE(what_turns_unhealthy_gives_way_to_what_was_before) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  make_sick(second);
  checks(limits::watch_failures);
  BOOST_TEST(all().size() == 3u);
  advance(1s);
  auto back = active();
  BOOST_TEST(back.operation == operation::rollback);
  BOOST_TEST(back.by == "pawl");
  BOOST_TEST(back.request_id == "pawl:watch:" + second.id);
  BOOST_TEST(check_request_id(back.request_id).has_value()); // as a store on disk asks for
  BOOST_TEST(back.version == first.version);
  BOOST_TEST(state_of(second.id) == state::rolled_back);
  BOOST_TEST(back.message.find("failed 3 checks in a row (GET /: 503") != std::string::npos);
  BOOST_TEST(warnings_of(*records, back.id).find(second.id) != std::string::npos);
  BOOST_TEST(warnings_of(*records, back.id).find("503") != std::string::npos);
  BOOST_TEST(world->router->routes.begin()->second.deployment == back.id);
}

BOOST_AUTO_TEST_CASE(a_check_that_fails_now_and_then_changes_nothing) {
  go_live("r1");
  auto second = go_live("r2");
  for (int i = 0; i < 5; ++i) {
    make_sick(second);
    checks(limits::watch_failures - 1);
    world->probe->sick.clear();
    checks(1);
  }
  BOOST_TEST(active().id == second.id);
  BOOST_TEST(all().size() == 2u);
}

BOOST_AUTO_TEST_CASE(after_the_period_nothing_is_checked_any_more) {
  go_live("r1");
  auto second = go_live("r2");
  advance(limits::watch_period);
  run();
  auto asked = world->probe->asked;
  make_sick(second);
  checks(10);
  BOOST_TEST(world->probe->asked == asked);
  BOOST_TEST(active().id == second.id);
}

BOOST_AUTO_TEST_CASE(a_period_of_zero_turns_it_off) {
  parts->clusters.front().watch_period = 0s;
  go_live("r1");
  auto second = go_live("r2");
  auto asked = world->probe->asked;
  make_sick(second);
  checks(10);
  BOOST_TEST(world->probe->asked == asked);
  BOOST_TEST(active().id == second.id);
}

BOOST_AUTO_TEST_CASE(one_exit_is_a_restart_and_the_third_a_rollback) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  for (std::uint32_t i = 1; i < limits::watch_ends; ++i) {
    world->engine->kill(second.id + "-1");
    run();
    advance(1s);
    advance(1s);
    BOOST_REQUIRE(active().id == second.id);
    BOOST_REQUIRE(first_instance().state == (i == 1 ? "running" : "restarting"));
  }
  world->engine->kill(second.id + "-1", 7);
  run();
  advance(1s);
  BOOST_TEST(active().version == first.version);
  BOOST_TEST(active().message.find("ended 3 times") != std::string::npos);
  BOOST_TEST(active().message.find("exited with status 7") != std::string::npos);
}

// The version before may be as ill: then nothing changes, and it is not tried again.
BOOST_AUTO_TEST_CASE(a_rollback_that_does_not_become_healthy_changes_nothing_and_is_not_repeated) {
  parts->clusters.front().watch_period = 10min;
  go_live("r1");
  auto second = go_live("r2");
  world->probe->all_sick = true;
  checks(limits::watch_failures);
  advance(limits::health_deadline + 1s);
  checks(10);
  BOOST_TEST(active().id == second.id);
  BOOST_TEST(all().size() == 3u);
  BOOST_TEST(all().front().state == state::failed);
  BOOST_TEST(all().front().error->code == errc::unhealthy);
  BOOST_TEST(first_instance().state == "unhealthy");
  world->probe->all_sick = false;
  checks(1);
  BOOST_TEST(first_instance().state == "running");
}

BOOST_AUTO_TEST_CASE(what_a_rollback_brought_back_is_never_rolled_back_by_the_server) {
  go_live("r1");
  go_live("r2");
  auto third = go_live("r3");
  make_sick(third);
  checks(limits::watch_failures);
  advance(1s);
  auto back = active();
  BOOST_TEST(back.version == version_number{2});
  make_sick(back);
  checks(10);
  BOOST_TEST(active().id == back.id);
  BOOST_TEST(all().size() == 4u);
}

BOOST_AUTO_TEST_CASE(the_first_version_has_nothing_to_go_back_to_and_is_shown_as_unhealthy) {
  auto first = go_live("r1");
  make_sick(first);
  checks(limits::watch_failures);
  BOOST_TEST(all().size() == 1u);
  BOOST_TEST(first_instance().state == "unhealthy");
  BOOST_TEST(first_instance().detail == "GET /: 503 Service Unavailable");
  BOOST_TEST(world->router->routes.begin()->second.addresses.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_deploy_that_is_in_flight_goes_first) {
  hold_builds();
  go_live_held("r1");
  auto second = go_live_held("r2");
  auto third = deploy("r3");
  make_sick(second);
  checks(2 * limits::watch_failures);
  BOOST_TEST(all().size() == 3u);
  BOOST_TEST(state_of(third.id) == state::building);
  // It is given up: the version that serves is still unhealthy, and still watched.
  later<result<deployment>>(lane(), cancel_deployment{{}, "ann"});
  held->end_all();
  run();
  BOOST_TEST(state_of(third.id) == state::cancelled);
  checks(1);
  advance(1s);
  BOOST_TEST(active().version == version_number{1});
  BOOST_TEST(active().by == "pawl");
}

BOOST_AUTO_TEST_CASE(a_restart_of_the_server_goes_on_with_what_is_left_of_the_period) {
  go_live("r1");
  auto second = go_live("r2");
  advance(limits::watch_period / 2);
  restart();
  make_sick(second);
  checks(limits::watch_failures);
  advance(1s);
  BOOST_TEST(active().version == version_number{1});
}

BOOST_AUTO_TEST_CASE(a_restart_does_not_begin_the_period_anew) {
  go_live("r1");
  auto second = go_live("r2");
  advance(limits::watch_period - 1s);
  restart();
  advance(2s);
  make_sick(second);
  checks(10);
  BOOST_TEST(active().id == second.id);
}

BOOST_AUTO_TEST_CASE(a_restart_during_the_rollback_makes_no_second_one) {
  go_live("r1");
  auto second = go_live("r2");
  make_sick(second);
  checks(limits::watch_failures);
  BOOST_REQUIRE(all().size() == 3u);
  restart();
  checks(10);
  advance(1s);
  BOOST_TEST(all().size() == 3u);
  BOOST_TEST(active().version == version_number{1});
}

BOOST_AUTO_TEST_SUITE_END()
