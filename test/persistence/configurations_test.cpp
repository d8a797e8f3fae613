// The configurations of lanes, over both stores in lock-step.
#include "persistence/lane_configs.hpp"
#include "persistence/lmdb/records.hpp"
#include "persistence/lmdb/verification.hpp"
#include "test/persistence/both_stores.hpp"
#include "test/persistence/raw_file.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;
using namespace pawl::test;

namespace {

const lane_key configured_shop{"shop", "local"};

struct configurations_fixture {
  both_stores stores;

  static configuration revision(config_number number) {
    configuration made{configured_shop, number, at(number), "ann", fmt::format("r{}", number)};
    variable sealed{"TOKEN", true, "sealed"};
    made.variables = {{"LEVEL", false, "debug", {}, number, "ann", at(number)}, sealed};
    made.added = {"LEVEL", "TOKEN"};
    return made;
  }

  // The lane as it is, with its next revision.
  change with(config_number number) const {
    change wanted;
    wanted.lane = *stores.lane(configured_shop);
    wanted.lane->configs = number;
    wanted.configuration = revision(number);
    return wanted;
  }

  std::string refusal(const change& wanted) {
    const auto stored = commit_one(stores, wanted);
    return stored ? "stored" : std::string{to_string(stored.error().code)};
  }

  std::optional<config_number> current() const {
    const auto found = current_configuration(stores, *stores.lane(configured_shop));
    BOOST_REQUIRE(found.has_value());
    return *found ? std::optional{(*found)->number} : std::nullopt;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(configurations_of_stores, configurations_fixture)

BOOST_AUTO_TEST_CASE(each_revision_is_kept_as_it_was_also_after_a_restart) {
  BOOST_TEST(refusal(with(1)) == "stored");
  BOOST_TEST(refusal(with(2)) == "stored");
  stores.reopen();
  BOOST_TEST((*stores.configuration(configured_shop, 1) == revision(1)));
  BOOST_TEST((*stores.configuration(configured_shop, 2) == revision(2)));
  BOOST_TEST(stores.lane(configured_shop)->configs == 2U);
  BOOST_TEST(to_string(stores.configuration(configured_shop, 3).error().code) == "not_found");
  BOOST_TEST(to_string(stores.configuration({"blog", "local"}, 1).error().code) == "not_found");
}

BOOST_AUTO_TEST_CASE(a_number_is_given_once_and_none_is_left_out) {
  BOOST_TEST(refusal(with(2)) == "invalid_transition");
  BOOST_TEST(refusal(with(1)) == "stored");
  BOOST_TEST(refusal(with(1)) == "invalid_transition");
  auto stale = with(2);
  stale.lane->revision = 0;
  BOOST_TEST(refusal(stale) == "invalid_transition");
  auto counted = with(2);
  counted.configuration.reset();
  BOOST_TEST(refusal(counted) == "invalid_transition");
  BOOST_TEST(refusal(with(2)) == "stored");
}

BOOST_AUTO_TEST_CASE(a_secret_that_is_not_sealed_is_not_stored) {
  auto open = with(1);
  open.configuration->variables.back().value.clear();
  open.configuration->variables.back().clear = secret{"sesame"};
  BOOST_TEST(refusal(open) == "invalid_argument");
  auto both = with(1);
  both.configuration->variables.back().clear = secret{"sesame"};
  BOOST_TEST(refusal(both) == "invalid_argument");
  auto without_lane = with(1);
  without_lane.lane.reset();
  BOOST_TEST(refusal(without_lane) == "invalid_argument");
}

BOOST_AUTO_TEST_CASE(revisions_that_nobody_needs_are_removed_with_the_next) {
  BOOST_TEST(refusal(with(1)) == "stored");
  BOOST_TEST(refusal(with(2)) == "stored");
  auto next = with(3);
  next.dropped_configurations = {1, 7};
  BOOST_TEST(refusal(next) == "stored");
  BOOST_TEST(!stores.configuration(configured_shop, 1).has_value());
  BOOST_TEST(stores.configuration(configured_shop, 2).has_value());
}

BOOST_AUTO_TEST_CASE(the_newest_revision_holds_whose_deployment_has_not_failed) {
  BOOST_TEST((current() == std::nullopt));
  BOOST_TEST(refusal(with(1)) == "stored");
  BOOST_TEST((current() == config_number{1}));
  auto applied = with(2);
  auto d = sample("d1", 100);
  d.app = configured_shop.app;
  d.cluster = configured_shop.cluster;
  applied.configuration->deployment = d.id;
  applied.lane->last_created = d.created_at;
  applied.deployments = {d};
  const auto stored = commit_one(stores, applied);
  BOOST_REQUIRE_MESSAGE(stored.has_value(), (stored ? "" : stored.error().message));
  BOOST_TEST((current() == config_number{2}));
  auto failed = fail(stored->deployments.front(), {errc::unhealthy, "no", {}}, at(5000));
  BOOST_REQUIRE(failed.has_value());
  BOOST_REQUIRE(commit_one(stores, {.deployments = {*failed}}).has_value());
  BOOST_TEST((current() == config_number{1}));
}

BOOST_AUTO_TEST_SUITE_END()
