// The server goes back by itself only to a version that passes the check that the new one fails.
#include "test/actors/warm_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct both_versions : warm_fixture {
  both_versions() { cluster().watch_period = limits::watch_period; }

  std::vector<deployment> all() const { return records->history({})->deployments; }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(warm_watch, both_versions)

BOOST_AUTO_TEST_CASE(the_server_goes_back_to_a_warm_version_that_is_healthy) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  make_sick(second);
  checks(limits::watch_failures);
  BOOST_TEST((live().version == first.version));
  BOOST_TEST(live().by == "pawl");
  BOOST_TEST(routed().addresses.front() == address_of(first.id + "-1"));
}

BOOST_AUTO_TEST_CASE(when_both_versions_are_bad_the_new_one_is_held_and_the_status_says_why) {
  go_live("r1");
  auto second = go_live("r2");
  world->probe->all_sick = true;
  checks(limits::watch_failures * 4);
  BOOST_TEST(live().id == second.id);
  BOOST_TEST(all().size() == 2u);
  BOOST_TEST(views().front().state == "unhealthy");
  BOOST_TEST(views().front().detail.find("the dependency is down, not the release") !=
                 std::string::npos,
             views().front().detail);
  // The new one recovers first: it stays.
  world->probe->all_sick = false;
  checks(10);
  BOOST_TEST(live().id == second.id);
  BOOST_TEST(all().size() == 2u);
  BOOST_TEST(views().front().detail == "");
}

BOOST_AUTO_TEST_CASE(when_the_old_one_is_healthy_again_first_the_server_goes_back) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  make_sick(first);
  make_sick(second);
  checks(limits::watch_failures * 2);
  BOOST_TEST(live().id == second.id);
  advance(limits::watch_period); // it is held past the period
  checks(2);
  BOOST_TEST(live().id == second.id);
  world->probe->sick.erase(address_of(first.id + "-1"));
  checks(2);
  BOOST_TEST((live().version == first.version));
  BOOST_TEST(warnings_of(*records, live().id).find("passes it again") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_held_stays_when_nothing_can_be_checked_any_more) {
  cluster().warm = 1min;
  auto first = go_live("r1");
  auto second = go_live("r2");
  world->probe->all_sick = true;
  checks(limits::watch_failures);
  advance(limits::drain + 1min + 1s);
  checks(4);
  BOOST_TEST(!runs(first.id + "-1"));
  BOOST_TEST(live().id == second.id);
  BOOST_TEST(all().size() == 2u);
  world->probe->all_sick = false;
  checks(2);
  const auto asked = world->probe->asked;
  checks(10);
  BOOST_TEST(world->probe->asked == asked);
}

BOOST_AUTO_TEST_CASE(what_keeps_ending_is_held_while_the_old_one_is_unhealthy) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  make_sick(first);
  for (std::uint32_t i = 0; i < limits::watch_ends; ++i) {
    world->engine->kill(second.id + "-1");
    run();
    for (int wait = 0; wait < 5; ++wait)
      advance(1s);
  }
  BOOST_TEST(live().id == second.id);
  BOOST_TEST(all().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
