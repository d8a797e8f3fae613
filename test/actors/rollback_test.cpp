// Rollbacks and promotions: versions that were made before are released again.
#include "actors/session/listing.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct rollback_fixture : actor_fixture {
  std::string live() const {
    auto lane_now = records->lane({"shop", "local"});
    return to_string(record(lane_now->active.value()).version.value());
  }

  result<admitted> roll_back(const std::string& request_id, std::optional<version_number> to = {}) {
    auto answer = ask<result<admitted>>(
        lane(), start_release{operation::rollback, request_id, to, {}, {}, "ann"});
    advance(1s);
    return answer;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(rollback, rollback_fixture)

BOOST_AUTO_TEST_CASE(a_rollback_releases_the_version_before_without_a_build) {
  deploy("r1");
  advance(1s);
  auto second = deploy("r2");
  advance(1s);
  auto builds = std::count_if(world->engine->calls.begin(), world->engine->calls.end(),
                              [](const auto& call) { return call.starts_with("build"); });
  auto back = roll_back("r3");
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(path_of(back->deployment.id) == "activating active");
  BOOST_TEST(live() == "v1");
  BOOST_TEST(state_of(second.id) == state::rolled_back);
  BOOST_TEST(std::count_if(world->engine->calls.begin(), world->engine->calls.end(),
                           [](const auto& call) { return call.starts_with("build"); }) == builds);
}

BOOST_AUTO_TEST_CASE(a_second_rollback_goes_further_back) {
  for (auto id : {"r1", "r2", "r3"}) {
    deploy(id);
    advance(1s);
  }
  BOOST_TEST(roll_back("b1").has_value());
  BOOST_TEST(live() == "v2");
  BOOST_TEST(roll_back("b2").has_value());
  BOOST_TEST(live() == "v1");
  auto third = roll_back("b3");
  BOOST_REQUIRE(!third.has_value());
  BOOST_TEST(third.error().code == errc::not_found);
  BOOST_TEST(live() == "v1");
}

BOOST_AUTO_TEST_CASE(a_rollback_to_a_named_version_takes_one_that_was_live_here) {
  for (auto id : {"r1", "r2", "r3"}) {
    deploy(id);
    advance(1s);
  }
  BOOST_TEST(roll_back("b1", version_number{1}).has_value());
  BOOST_TEST(live() == "v1");
  auto present = roll_back("b2", version_number{1});
  BOOST_REQUIRE(!present.has_value());
  BOOST_TEST(present.error().code == errc::invalid_argument);
  auto unknown = roll_back("b3", version_number{9});
  BOOST_REQUIRE(!unknown.has_value());
  BOOST_TEST(unknown.error().code == errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_request_id_stands_for_one_version) {
  for (auto id : {"r1", "r2", "r3"}) {
    deploy(id);
    advance(1s);
  }
  auto back = roll_back("b1", version_number{1});
  BOOST_REQUIRE(back.has_value());
  auto again = roll_back("b1", version_number{1});
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->deployment.id == back->deployment.id);
  auto other = roll_back("b1", version_number{2});
  BOOST_REQUIRE(!other.has_value());
  BOOST_TEST(other.error().code == errc::invalid_argument);
  BOOST_TEST(other.error().details.at("deployment") == back->deployment.id);
  auto deployed = roll_back("r1", version_number{2});
  BOOST_REQUIRE(!deployed.has_value());
  BOOST_TEST(deployed.error().details.at("differs") == "operation");
  BOOST_TEST(live() == "v1");
}

BOOST_AUTO_TEST_CASE(a_version_that_never_served_is_no_target) {
  deploy("r1");
  advance(1s);
  world->probe->all_sick = true;
  deploy("r2");
  for (int i = 0; i < 130; ++i)
    advance(500ms);
  world->probe->all_sick = false;
  auto unhealthy = roll_back("b1", version_number{2});
  BOOST_REQUIRE(!unhealthy.has_value());
  BOOST_TEST(unhealthy.error().code == errc::not_found);
  deploy("r3");
  advance(1s);
  BOOST_TEST(roll_back("b2").has_value());
  BOOST_TEST(live() == "v1");
}

BOOST_AUTO_TEST_CASE(a_plan_says_what_would_happen_and_does_nothing) {
  deploy("r1");
  advance(1s);
  deploy("r2");
  advance(1s);
  auto plan = ask<result<protocol::planned>>(lane(), plan_rollback{});
  BOOST_REQUIRE(plan.has_value());
  BOOST_TEST(to_string(plan->from.value()) == "v2");
  BOOST_TEST(to_string(plan->to) == "v1");
  BOOST_TEST(live() == "v2");
}

BOOST_AUTO_TEST_CASE(there_is_nothing_to_roll_back_in_a_new_lane) {
  auto answer = roll_back("b1");
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_promotion_releases_what_another_cluster_built) {
  auto staging = cluster_settings{};
  staging.name = "staging";
  parts->clusters.push_back(staging);
  auto built = deploy("r1");
  advance(1s);
  auto answer = ask<result<admitted>>(
      lane("shop", "staging"),
      start_release{operation::promote, "p1", version_number{1}, {}, {}, "ann"});
  BOOST_REQUIRE(answer.has_value());
  advance(1s);
  auto promoted = record(answer->deployment.id);
  BOOST_TEST(promoted.state == state::active);
  BOOST_TEST(promoted.cluster == "staging");
  BOOST_TEST(promoted.source == record(built.id).source);
  auto again = ask<result<admitted>>(
      lane("shop", "staging"),
      start_release{operation::promote, "p3", version_number{1}, {}, {}, "ann"});
  BOOST_REQUIRE(!again.has_value());
  BOOST_TEST(again.error().code == errc::invalid_argument);
  BOOST_TEST(again.error().message.find("is live as shop in staging already") != std::string::npos);
  auto unknown = ask<result<admitted>>(
      lane("shop", "staging"),
      start_release{operation::promote, "p2", version_number{7}, {}, {}, "ann"});
  BOOST_REQUIRE(!unknown.has_value());
  BOOST_TEST(unknown.error().code == errc::not_found);
}

// A plan says what a rollback to a version without its artifact would come to.
BOOST_AUTO_TEST_CASE(a_plan_for_a_version_whose_artifact_is_gone_is_refused) {
  deploy("r1");
  advance(1s);
  deploy("r2");
  advance(1s);
  auto good = ask<result<protocol::planned>>(lane(), plan_rollback{});
  BOOST_REQUIRE(good.has_value());
  BOOST_TEST(to_string(good->to) == "v1");
  world->engine->artifacts_are_gone = true;
  for (const auto& wanted : {std::optional<version_number>{}, std::optional{version_number{1}}}) {
    auto refused = ask<result<protocol::planned>>(lane(), plan_rollback{wanted});
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST(refused.error().code == errc::not_found);
    BOOST_TEST(refused.error().message.find("artifact of v1") != std::string::npos,
               refused.error().message);
  }
}

BOOST_AUTO_TEST_CASE(a_list_of_versions_says_which_can_be_released_again) {
  deploy("r1");
  advance(1s);
  deploy("r2");
  advance(1s);
  for (auto how : {readiness::warm, readiness::cold, readiness::gone}) {
    auto list =
        listing::versions(*records, {.app = "shop"}, [how](const version_record&) { return how; });
    BOOST_REQUIRE(list.has_value());
    BOOST_REQUIRE(list->versions.size() == 2u);
    BOOST_TEST(!list->versions.front().can_roll_back); // it is live
    BOOST_TEST(list->versions.back().can_roll_back == (how != readiness::gone));
    BOOST_TEST((list->versions.back().readiness == how));
    BOOST_TEST((list->versions.front().readiness == readiness::warm));
  }
}

BOOST_AUTO_TEST_SUITE_END()
