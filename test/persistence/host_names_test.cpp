// Host names are claimed once, over both stores in lock-step.
#include "test/persistence/both_stores.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

const std::string name = "a-b.localhost";
const lane_key long_app{"a-b", "local"};
const lane_key in_b{"a", "b"};

struct claims_fixture {
  both_stores stores;

  // The lane's first deployment, which claims the name.
  result<receipt> claim(const lane_key& lane, const std::string& id, std::int64_t ms) {
    auto known = *stores.lane(lane);
    known.last_created = at(ms);
    return commit_one(
        stores, {.deployments = {sample(id, ms, lane)}, .lane = known, .hosts = {{name, lane}}});
  }

  std::optional<lane_key> holder() const { return *stores.holder_of(name); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(host_names_of_stores, claims_fixture)

BOOST_AUTO_TEST_CASE(the_first_lane_that_claims_a_name_has_it_also_after_a_restart) {
  BOOST_TEST(!holder().has_value());
  BOOST_REQUIRE(claim(long_app, "one", 1).has_value());
  stores.reopen();
  BOOST_TEST(holder().value() == long_app);
  BOOST_TEST((stores.recovery_snapshot()->hosts == std::vector<host_claim>{{name, long_app}}));
  BOOST_TEST(claim(long_app, "two", 2).has_value()); // again, by the same
}

BOOST_AUTO_TEST_CASE(a_name_that_a_lane_with_a_deployment_has_is_refused_and_nothing_is_stored) {
  BOOST_REQUIRE(claim(long_app, "one", 1).has_value());
  auto refused = claim(in_b, "two", 2);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == errc::invalid_argument);
  BOOST_TEST(refused.error().details.at("host") == name);
  BOOST_TEST(refused.error().details.at("app") == "a-b");
  BOOST_TEST(!stores.find("two").has_value());
  BOOST_TEST(holder().value() == long_app);
}

BOOST_AUTO_TEST_CASE(two_claims_of_one_transaction_are_judged_in_their_order) {
  std::vector<change> both;
  for (const auto& [lane, id] : {std::pair{in_b, "one"}, std::pair{long_app, "two"}})
    both.push_back({.deployments = {sample(id, 1, lane)},
                    .lane = lane_record{.lane = lane, .last_created = at(1)},
                    .hosts = {{name, lane}}});
  auto kept = stores.commit(both);
  BOOST_TEST(kept.front().has_value());
  BOOST_TEST(!kept.back().has_value());
}

BOOST_AUTO_TEST_CASE(a_lane_that_serves_keeps_its_name) {
  auto d = full_sample("one");
  d.app = long_app.app;
  d.cluster = long_app.cluster;
  d.state = state::active;
  BOOST_REQUIRE(commit_one(stores, {.deployments = {d},
                                    .lane = lane_record{.lane = long_app,
                                                        .active = "one",
                                                        .last_created = d.created_at},
                                    .hosts = {{name, long_app}}})
                    .has_value());
  BOOST_TEST(!claim(in_b, "two", 2).has_value());
}

BOOST_AUTO_TEST_CASE(a_lane_whose_only_deployment_failed_is_in_nobodys_way) {
  auto first = claim(long_app, "one", 1);
  BOOST_REQUIRE(first.has_value());
  auto failed = *fail(first->deployments.front(), {errc::build_failed, "make: 2", {}}, at(2));
  BOOST_REQUIRE(commit_one(stores, {.deployments = {failed}}).has_value());
  BOOST_TEST(claim(in_b, "two", 3).has_value());
  BOOST_TEST(holder().value() == in_b);
  BOOST_TEST(!claim(long_app, "three", 4).has_value());
}

BOOST_AUTO_TEST_CASE(a_released_name_is_free_in_the_same_change) {
  BOOST_REQUIRE(claim(long_app, "one", 1).has_value());
  BOOST_TEST(commit_one(stores, {.hosts = {{name, in_b}}, .released_hosts = {name}}).has_value());
  BOOST_TEST(holder().value() == in_b);
  BOOST_TEST(commit_one(stores, {.released_hosts = {name, "never.held"}}).has_value());
  BOOST_TEST(!holder().has_value());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_host_name_is_refused) {
  for (const auto& bad : {std::string{}, std::string(254, 'x'), std::string{"a b"}})
    BOOST_TEST(to_string(commit_one(stores, {.hosts = {{bad, in_b}}}).error().code) ==
               "invalid_argument");
  BOOST_TEST(!commit_one(stores, {.hosts = {{name, in_b}, {name, long_app}}}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
