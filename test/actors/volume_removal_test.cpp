// A volume is removed on request alone, and never while something may use it.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct volume_fixture : actor_fixture {
  // A deployment whose version has the volume "data", or none.
  deployment live(const std::string& request_id, bool with_volume) {
    world->manifest_answer->volumes.clear();
    if (with_volume)
      world->manifest_answer->volumes["data"] = {"/data"};
    auto made = deploy(request_id);
    advance(1s);
    BOOST_REQUIRE(state_of(made.id) == state::active);
    return record(made.id);
  }

  result<protocol::volume_removed> remove(const std::string& name = "data") {
    return ask<result<protocol::volume_removed>>(lane(), remove_volume{name, "ann"});
  }

  std::size_t volumes() const { return world->engine->volumes()->size(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(volume_removals, volume_fixture)

BOOST_AUTO_TEST_CASE(a_volume_of_the_active_version_stays) {
  const auto served = live("r1", true);
  auto refused = remove();
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().code == errc::invalid_transition);
  BOOST_TEST(refused.error().details.at("deployment") == served.id);
  BOOST_TEST(volumes() == 1U);
}

BOOST_AUTO_TEST_CASE(a_volume_outlives_the_version_that_asked_for_it_and_is_removed_on_request) {
  live("r1", true);
  live("r2", false);
  advance(1h);
  BOOST_TEST(volumes() == 1U);
  auto gone = remove();
  BOOST_REQUIRE(gone);
  BOOST_TEST(gone->name == "data");
  BOOST_TEST(volumes() == 0U);
}

BOOST_AUTO_TEST_CASE(while_a_deployment_is_in_flight_all_volumes_stay) {
  live("r1", true);
  live("r2", false);
  advance(1h);
  hold_builds();
  auto held_up = deploy("r3");
  auto refused = remove();
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().code == errc::in_flight);
  BOOST_TEST(refused.error().details.at("deployment") == held_up.id);
  BOOST_TEST(volumes() == 1U);
}

BOOST_AUTO_TEST_CASE(a_destroyed_app_keeps_its_volumes_until_they_are_removed) {
  live("r1", true);
  BOOST_TEST(ask<result<protocol::destroyed>>(lane(), destroy_lane{"ann"}).has_value());
  BOOST_TEST(volumes() == 1U);
  BOOST_TEST(remove().has_value());
  BOOST_TEST(volumes() == 0U);
}

BOOST_AUTO_TEST_CASE(instances_that_drain_keep_their_volume) {
  live("r1", true);
  live("r2", false);
  auto refused = remove();
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().code == errc::invalid_transition);
  BOOST_TEST(volumes() == 1U);
}

BOOST_AUTO_TEST_CASE(an_unknown_volume_is_not_found) {
  live("r1", false);
  auto refused = remove("other");
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().code == errc::not_found);
}

BOOST_AUTO_TEST_SUITE_END()
