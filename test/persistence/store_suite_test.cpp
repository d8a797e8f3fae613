// The contract of stores for changes, run over both stores in lock-step.
#include "test/persistence/both_stores.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(store_suite)

namespace {

bool refused(const result<receipt>& kept, errc code, const std::string& key = {},
             const std::string& value = {}) {
  if (kept || kept.error().code != code)
    return false;
  const auto& details = kept.error().details;
  return key.empty() || (details.contains(key) && details.at(key) == value);
}

std::vector<std::string> ids(const result<std::vector<deployment>>& list) {
  std::vector<std::string> out;
  BOOST_REQUIRE(list.has_value());
  for (const auto& d : *list)
    out.push_back(d.id);
  return out;
}

using names = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_CASE(a_committed_deployment_is_found_with_all_its_fields) {
  both_stores stores;
  auto d = full_sample("one");
  auto kept = keep(stores, d);
  BOOST_TEST(kept.internals.revision == 1U);
  d.internals.revision = 1;
  BOOST_TEST(stores.find("one").operator*() == d);
  BOOST_TEST(to_string(stores.find("two").error().code) == "not_found");
  BOOST_TEST(to_string(stores.find("").error().code) == "not_found");
  BOOST_TEST(to_string(stores.find(std::string(600, 'x')).error().code) == "not_found");
}

BOOST_AUTO_TEST_CASE(a_change_of_an_old_revision_is_refused) {
  both_stores stores;
  auto first = keep(stores, sample("one"));
  auto second = move(stores, first, state::building);
  BOOST_TEST(second.internals.revision == 2U);
  auto stale = commit_one(stores, {.deployments = {first}});
  BOOST_TEST(refused(stale, errc::invalid_transition, "deployment", "one"));
  auto again = commit_one(stores, {.deployments = {sample("one")}});
  BOOST_TEST(refused(again, errc::invalid_transition, "deployment", "one"));
  auto unknown = sample("two");
  unknown.internals.revision = 3;
  BOOST_TEST(refused(commit_one(stores, {.deployments = {unknown}}), errc::invalid_transition));
  BOOST_TEST(*stores.find("one") == second);
}

BOOST_AUTO_TEST_CASE(a_later_change_of_a_commit_sees_the_earlier_ones) {
  both_stores stores;
  auto d = sample("one");
  auto next = *advance(d, state::building, at(1), "pawl");
  next.internals.revision = 1;
  std::vector<change> changes{
      {.deployments = {d}}, {.deployments = {next}}, {.deployments = {next}}};
  auto results = stores.commit(changes);
  BOOST_TEST(results[0].has_value());
  BOOST_TEST(results[1].has_value());
  BOOST_TEST(refused(results[2], errc::invalid_transition, "deployment", "one"));
  BOOST_TEST(to_string(stores.find("one")->state) == "building");
}

BOOST_AUTO_TEST_CASE(a_refused_change_leaves_nothing_and_the_others_hold) {
  both_stores stores;
  auto old = keep(stores, sample("old"));
  auto stale = old;
  stale.internals.revision = 9;
  change bad{.deployments = {sample("new", 5), stale},
             .lane = lane_record{.lane = {"shop", "local"}, .last_created = at(5)},
             .journal = {{"new", {log_line("x")}}}};
  std::vector<change> changes{
      {.deployments = {sample("before", 1)}}, bad, {.deployments = {sample("after", 2)}}};
  auto results = stores.commit(changes);
  BOOST_TEST(results[0].has_value());
  BOOST_TEST(refused(results[1], errc::invalid_transition, "deployment", "old"));
  BOOST_TEST(results[2].has_value());
  BOOST_TEST(to_string(stores.find("new").error().code) == "not_found");
  BOOST_TEST(!stores.by_request("request-new")->has_value());
  BOOST_TEST(stores.lane({"shop", "local"})->revision == 0U);
  BOOST_TEST(walk(stores, {}) == (names{"after", "before", "old"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_request_id_is_claimed_once) {
  both_stores stores;
  keep(stores, sample("one"));
  BOOST_TEST(stores.by_request("request-one")->value() == "one");
  auto other = sample("two");
  other.request_id = "request-one";
  BOOST_TEST(
      refused(commit_one(stores, {.deployments = {other}}), errc::in_flight, "deployment", "one"));
  auto third = sample("three");
  auto fourth = sample("four");
  fourth.request_id = third.request_id;
  BOOST_TEST(refused(commit_one(stores, {.deployments = {third, fourth}}), errc::in_flight,
                     "deployment", "three"));
  BOOST_TEST(to_string(stores.find("three").error().code) == "not_found");
}

BOOST_AUTO_TEST_CASE(deployments_without_a_request_id_claim_nothing) {
  both_stores stores;
  for (const auto* id : {"one", "two"}) {
    auto d = sample(id);
    d.request_id.clear();
    keep(stores, d);
  }
  BOOST_TEST(!stores.by_request("")->has_value());
}

// A key begins with the mark where it is not the id itself: no id may be another's key.
BOOST_AUTO_TEST_CASE(an_id_that_could_be_no_key_is_refused) {
  both_stores stores;
  for (const auto& id : {std::string{}, std::string(65, 'i'), std::string{"one two"},
                         std::string{"~one"}, std::string{"one\n"}})
    BOOST_TEST(refused(commit_one(stores, {.deployments = {sample(id)}}), errc::invalid_argument));
  BOOST_TEST(stores.history({})->deployments.empty());
}

BOOST_AUTO_TEST_CASE(what_makes_a_deployments_keys_never_changes) {
  both_stores stores;
  auto kept = keep(stores, sample("one"));
  std::vector<deployment> changed(4, kept);
  changed[0].app = "other";
  changed[1].cluster = "other";
  changed[2].created_at += std::chrono::milliseconds{1};
  changed[3].request_id = "other";
  for (const auto& d : changed)
    BOOST_TEST(refused(commit_one(stores, {.deployments = {d}}), errc::invalid_argument,
                       "deployment", "one"));
  BOOST_TEST(*stores.find("one") == kept);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_stored_is_refused) {
  both_stores stores;
  std::vector<change> changes;
  auto with = [&](auto edit) {
    auto d = sample("one");
    edit(d);
    changes.push_back({.deployments = {d}});
  };
  with([](deployment& d) { d.id = ""; });
  with([](deployment& d) { d.id = std::string{"a\0b", 3}; });
  with([](deployment& d) { d.id = std::string(65, 'x'); });
  with([](deployment& d) { d.app = "Shop"; });
  with([](deployment& d) { d.cluster = std::string(41, 'x'); });
  with([](deployment& d) { d.request_id = "two words"; });
  with([](deployment& d) { d.created_at = timestamp{std::chrono::milliseconds{-1}}; });
  with([](deployment& d) { d.finished_at = timestamp{std::chrono::days{5'000'000}}; });
  with([](deployment& d) { d.version = version_number{0}; });
  const std::string too_long(limits::record_text_bytes + 1, 'x');
  with([&](deployment& d) { d.error = failure{errc::internal, too_long, {}}; });
  changes.push_back({.deployments = {sample("one")}, .journal = {{"one", {log_line(too_long)}}}});
  changes.push_back({.deployments = {sample("one"), sample("one")}});
  changes.push_back({.lane = lane_record{.lane = {"shop", ""}}});
  changes.push_back({.version = sample_version(sample("absent"))});
  auto numbered = log_line("x");
  numbered.seq = 1;
  changes.push_back({.deployments = {sample("one")}, .journal = {{"one", {numbered}}}});
  changes.push_back(
      {.deployments = {sample("one")}, .journal = {{"one", {log_line("x", -3'000'000'000'000)}}}});
  for (const auto& kept : stores.commit(changes))
    BOOST_TEST(refused(kept, errc::invalid_argument));
  BOOST_TEST(walk(stores, {}).empty());
}

BOOST_AUTO_TEST_CASE(an_id_is_found_by_its_unique_prefix) {
  both_stores stores;
  for (const auto* id : {"abc1", "abd2", "x"})
    keep(stores, sample(id));
  BOOST_TEST(*stores.resolve("abc") == "abc1");
  BOOST_TEST(*stores.resolve("abd2") == "abd2");
  BOOST_TEST(*stores.resolve("x") == "x");
  BOOST_TEST(to_string(stores.resolve("abcc").error().code) == "not_found");
  BOOST_TEST(to_string(stores.resolve("").error().code) == "invalid_argument");
  auto several = stores.resolve("ab");
  BOOST_REQUIRE(!several.has_value());
  BOOST_TEST(to_string(several.error().code) == "invalid_argument");
  BOOST_TEST(several.error().details.at("candidates") == "abc1,abd2");
}

BOOST_AUTO_TEST_CASE(lanes_are_listed_by_app_and_cluster) {
  both_stores stores;
  for (const auto& key :
       {lane_key{"b", "x"}, lane_key{"a-b", "x"}, lane_key{"a", "y"}, lane_key{"a", "x"}})
    BOOST_TEST(commit_one(stores, {.lane = lane_record{.lane = key}}).has_value());
  auto all = stores.lanes({}, {});
  BOOST_REQUIRE(all.has_value());
  BOOST_TEST(all->size() == 4U);
  BOOST_TEST(all->front().lane == (lane_key{"a", "x"}));
  BOOST_TEST(stores.lanes("a", {})->size() == 2U);
  BOOST_TEST(stores.lanes({}, "x")->size() == 3U);
  BOOST_TEST(stores.lanes("a", "y")->size() == 1U);
  BOOST_TEST(stores.lanes("c", {})->empty());
}

BOOST_AUTO_TEST_CASE(a_lane_of_an_old_revision_is_refused) {
  both_stores stores;
  lane_record lane{.lane = {"shop", "local"}, .active = "one", .last_created = at(1)};
  auto kept = commit_one(stores, {.lane = lane});
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->lane->revision == 1U);
  BOOST_TEST(
      refused(commit_one(stores, {.lane = lane}), errc::invalid_transition, "lane", "shop/local"));
  BOOST_TEST(commit_one(stores, {.lane = kept->lane}).has_value());
  BOOST_TEST(stores.lane({"shop", "local"})->revision == 2U);
  BOOST_TEST(stores.lane({"never", "used"})->lane == (lane_key{"never", "used"}));
}

BOOST_AUTO_TEST_CASE(time_never_goes_back_in_a_lane) {
  both_stores stores;
  lane_record lane{.lane = {"shop", "local"}, .last_created = at(10)};
  auto kept = commit_one(stores, {.deployments = {sample("one", 10)}, .lane = lane});
  BOOST_REQUIRE(kept.has_value());
  lane = *kept->lane;
  auto refuses = [&](std::int64_t created, std::int64_t last_created) {
    lane.last_created = at(last_created);
    return refused(commit_one(stores, {.deployments = {sample("two", created)}, .lane = lane}),
                   errc::invalid_transition, "lane", "shop/local");
  };
  BOOST_TEST(refuses(9, 10));
  BOOST_TEST(refuses(10, 10));
  BOOST_TEST(refuses(12, 11));
  BOOST_TEST(refuses(12, 9));
  lane.last_created = at(9);
  BOOST_TEST(
      refused(commit_one(stores, {.lane = lane}), errc::invalid_transition, "lane", "shop/local"));
  lane.last_created = at(11);
  BOOST_TEST(commit_one(stores, {.deployments = {sample("two", 11)}, .lane = lane}).has_value());
}

BOOST_AUTO_TEST_CASE(a_state_that_needs_a_version_is_stored_with_one_or_not_at_all) {
  both_stores stores;
  for (auto in : {state::releasing, state::activating, state::active}) {
    auto d = sample("one-" + std::string{to_string(in)});
    d.state = in;
    d.version.reset();
    auto refused = commit_one(stores, {.deployments = {d}});
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST(to_string(refused.error().code) == "invalid_transition");
    // The version of another does not count.
    auto other = sample("two-" + d.id);
    BOOST_TEST(!commit_one(stores, {.deployments = {d, other}, .version = sample_version(other)})
                    .has_value());
    BOOST_TEST(!stores.find(d.id).has_value());
    auto kept = commit_one(stores, {.deployments = {d}, .version = sample_version(d)});
    BOOST_REQUIRE(kept.has_value());
    BOOST_TEST(stores.find(d.id)->version == kept->version->number);
  }
}

BOOST_AUTO_TEST_CASE(versions_are_counted_for_each_app) {
  both_stores stores;
  for (const auto* id : {"one", "two", "three"}) {
    auto kept =
        commit_one(stores, {.deployments = {sample(id)}, .version = sample_version(sample(id))});
    BOOST_REQUIRE(kept.has_value());
    BOOST_TEST(kept->deployments.front().version == kept->version->number);
  }
  auto other = sample("other", 0, {"blog", "local"});
  BOOST_TEST(commit_one(stores, {.deployments = {other}, .version = sample_version(other)})
                 ->version->number.value == 1U);
  BOOST_TEST(stores.find("three")->version->value == 3U);
  auto newest = stores.versions("shop", 2, {});
  BOOST_REQUIRE(newest.has_value() && newest->size() == 2U);
  BOOST_TEST(newest->front().number.value == 3U);
  BOOST_TEST(stores.versions("shop", 9, version_number{3})->front().number.value == 2U);
  BOOST_TEST(stores.versions("shop", 9, version_number{1})->empty());
  BOOST_TEST(stores.versions("shop", 0, {})->empty());
  BOOST_TEST(stores.versions(std::string{"shop\0\0", 6}, 9, {})->empty());
  BOOST_TEST(stores.version("shop", {2})->deployment == "two");
  BOOST_TEST(to_string(stores.version("shop", {4}).error().code) == "not_found");
}

BOOST_AUTO_TEST_CASE(unfinished_are_those_queued_or_in_flight_oldest_first) {
  both_stores stores;
  auto queued = sample("queued", 3);
  queued.state = state::queued;
  keep(stores, queued);
  auto running = keep(stores, sample("running", 1));
  auto other = keep(stores, sample("other", 2, {"blog", "local"}));
  BOOST_TEST(ids(stores.unfinished({})) == (names{"running", "other", "queued"}),
             boost::test_tools::per_element());
  BOOST_TEST(ids(stores.unfinished(lane_key{"shop", "local"})) == (names{"running", "queued"}),
             boost::test_tools::per_element());
  running = move(stores, running, state::cancelling);
  move(stores, running, state::cancelled);
  move(stores, other, state::failed);
  BOOST_TEST(ids(stores.unfinished({})) == (names{"queued"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_commit_of_nothing_is_nothing) {
  both_stores stores;
  BOOST_TEST(stores.commit({}).empty());
  BOOST_TEST(commit_one(stores, {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
