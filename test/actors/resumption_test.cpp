// After a crash the server finds out which deployment did it, and comes up without that one.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct resumption_fixture : actor_fixture {
  // A deployment of each app is in flight, and stays there as long as nothing is healthy.
  void begin_two() {
    world->probe->all_sick = true;
    shop = deploy("r1").id;
    auto other = request("b1");
    other.request.app = "blog";
    auto how = ask<result<admitted>>(lane("blog"), other);
    BOOST_REQUIRE(how.has_value());
    send_source(*how);
    blog = how->deployment.id;
    BOOST_TEST_REQUIRE(state_of(shop) == state::activating);
    BOOST_TEST_REQUIRE(state_of(blog) == state::activating);
  }

  void restart_after(bool crash) {
    parts->crashed_before = crash;
    world->engine->calls.clear();
    world->engine->instances.clear();
    restart();
  }

  bool was_acted_on(const std::string& id) const {
    const auto& calls = world->engine->calls;
    return std::count(calls.begin(), calls.end(), "start " + id + "-1") > 0;
  }

  std::uint32_t counted(const std::string& id) const { return record(id).internals.resumes; }

  std::string shop;
  std::string blog;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(resumptions, resumption_fixture)

BOOST_AUTO_TEST_CASE(what_crashes_the_server_three_times_fails_and_the_others_go_on) {
  begin_two();
  for (std::uint32_t crashes = 1; crashes <= limits::resumes_max; ++crashes) {
    restart_after(true);
    BOOST_TEST(counted(shop) == crashes);
    BOOST_TEST(was_acted_on(shop));
    BOOST_TEST(!was_acted_on(blog));
  }
  restart_after(true);
  BOOST_TEST(state_of(shop) == state::failed);
  BOOST_TEST(record(shop).error->code == errc::internal);
  BOOST_TEST(record(shop).error->message.find("deploy again") != std::string::npos);
  BOOST_TEST(!was_acted_on(shop));
  BOOST_TEST(was_acted_on(blog));
  world->probe->all_sick = false;
  advance(1s);
  advance(1s);
  BOOST_TEST(state_of(blog) == state::active);
  BOOST_TEST(counted(blog) == 0u);
}

// Else a crash could not be counted.
BOOST_AUTO_TEST_CASE(the_count_is_stored_before_the_deployment_is_acted_on) {
  begin_two();
  end();
  parts->crashed_before = true;
  world->engine->calls.clear();
  world->engine->instances.clear();
  actors = spawn_server(system, parts);
  caf::anon_send(actors.supervisor, begin_recovery{});
  while (!was_acted_on(shop))
    BOOST_REQUIRE(scheduler.try_run_once());
  BOOST_TEST(counted(shop) == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_moves_lets_the_next_one_begin) {
  begin_two();
  restart_after(true);
  BOOST_TEST(!was_acted_on(blog));
  world->probe->all_sick = false;
  for (int i = 0; i < 3; ++i)
    advance(1s);
  BOOST_TEST(state_of(shop) == state::active);
  BOOST_TEST(was_acted_on(blog));
}

BOOST_AUTO_TEST_CASE(one_that_the_server_survives_lets_the_next_one_begin) {
  begin_two();
  restart_after(true);
  advance(limits::resume_trial - 1s);
  BOOST_TEST(!was_acted_on(blog));
  BOOST_TEST(counted(shop) == 1u);
  advance(1s);
  BOOST_TEST(was_acted_on(blog));
  BOOST_TEST(counted(shop) == 0u);
  // From here on a crash is the other one's.
  restart_after(true);
  BOOST_TEST(counted(blog) == 2u);
  BOOST_TEST(!was_acted_on(shop));
}

BOOST_AUTO_TEST_CASE(kills_never_add_up) {
  begin_two();
  for (std::uint32_t lives = 0; lives < 2 * limits::resumes_max; ++lives) {
    restart_after(false);
    BOOST_TEST(was_acted_on(shop));
    BOOST_TEST(was_acted_on(blog));
    BOOST_TEST(counted(shop) == 1u);
  }
  restart_after(true);
  BOOST_TEST(state_of(shop) == state::activating);
}

BOOST_AUTO_TEST_CASE(one_that_waits_for_its_turn_can_be_cancelled) {
  begin_two();
  restart_after(true);
  BOOST_TEST(!was_acted_on(blog));
  auto gone = ask<result<deployment>>(lane("blog"), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(state_of(blog) == state::cancelled);
  advance(limits::resume_trial);
  BOOST_TEST(!was_acted_on(blog));
  BOOST_TEST(state_of(shop) == state::activating);
}

BOOST_AUTO_TEST_CASE(an_upload_that_ends_before_its_turn_is_verified_in_its_turn) {
  world->probe->all_sick = true;
  shop = deploy("r1").id;
  auto other = request("b1");
  other.request.app = "blog";
  auto how = ask<result<admitted>>(lane("blog"), other);
  BOOST_REQUIRE(how.has_value());
  blog = how->deployment.id;
  restart_after(true);
  auto again = ask<result<admitted>>(lane("blog"), other);
  BOOST_REQUIRE(again.has_value());
  send_source(*again);
  BOOST_TEST(state_of(blog) == state::preparing);
  advance(limits::resume_trial);
  BOOST_TEST(state_of(blog) == state::activating);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_crashes_the_server_ends_in_cancelled) {
  hold_builds();
  shop = deploy("r1").id;
  later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_TEST_REQUIRE(state_of(shop) == state::cancelling);
  auto stuck = record(shop);
  stuck.internals.resumes = limits::resumes_max;
  change wanted;
  wanted.deployments.push_back(stuck);
  BOOST_REQUIRE(records->commit(std::span{&wanted, 1}).front().has_value());
  restart_after(true);
  BOOST_TEST(state_of(shop) == state::cancelled);
  BOOST_TEST(record(shop).error->code == errc::cancelled);
}

BOOST_AUTO_TEST_SUITE_END()
