// What somebody may not see does not exist for them: over both stores in lock-step.
#include "persistence/visible_store.hpp"
#include "test/persistence/both_stores.hpp"
#include "test/persistence/raw_file.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace pawl;
using namespace pawl::test;

namespace {

const std::vector<lane_key> all_lanes{
    {"blog", "far"}, {"blog", "local"}, {"shop", "far"}, {"shop", "local"}, {"shop-2", "local"}};

struct visible_fixture {
  std::shared_ptr<both_stores> stores = std::make_shared<both_stores>();
  std::map<lane_key, std::vector<std::string>> ids; // newest first

  visible_fixture() {
    for (int i = 0; i < 40; ++i) {
      const auto& lane = all_lanes[static_cast<std::size_t>(i) * 3 % all_lanes.size()];
      auto known = *stores->lane(lane);
      known.last_created = at(i);
      const auto id = "d" + std::to_string(100 + i);
      BOOST_REQUIRE(
          commit_one(*stores, {.deployments = {sample(id, i, lane)}, .lane = known}).has_value());
      ids[lane].insert(ids[lane].begin(), id);
    }
  }

  visible_store seen_by(std::vector<std::string> apps, std::vector<std::string> clusters) const {
    return {stores, {role::view, std::move(apps), std::move(clusters)}};
  }

  // All ids of these lanes, newest first.
  std::vector<std::string> of(const std::vector<lane_key>& these) const {
    std::vector<std::string> all;
    for (const auto& lane : these)
      all.insert(all.end(), ids.at(lane).begin(), ids.at(lane).end());
    std::sort(all.rbegin(), all.rend());
    return all;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(what_is_seen_of_stores, visible_fixture)

BOOST_AUTO_TEST_CASE(a_history_has_all_that_is_seen_over_pages_of_any_length) {
  const auto shops = of({{"shop", "far"}, {"shop", "local"}});
  for (std::size_t limit : {1U, 3U, 7U, 100U}) {
    BOOST_TEST(walk(seen_by({"shop"}, {}), {.limit = limit}) == shops);
    BOOST_TEST(walk(seen_by({"shop", "blog"}, {"far"}), {.limit = limit}) ==
               of({{"shop", "far"}, {"blog", "far"}}));
    BOOST_TEST(walk(seen_by({}, {"far"}), {.limit = limit}) ==
               of({{"shop", "far"}, {"blog", "far"}}));
    BOOST_TEST(walk(seen_by({"shop"}, {}), {.cluster = "local", .limit = limit}) ==
               of({{"shop", "local"}}));
    BOOST_TEST(walk(seen_by({}, {"local"}), {.app = "shop", .limit = limit}) ==
               of({{"shop", "local"}}));
    BOOST_TEST(walk(seen_by({}, {}), {.limit = limit}) == of(all_lanes));
  }
  BOOST_TEST(walk(seen_by({"shop"}, {}), {.app = "blog"}).empty());
  BOOST_TEST(walk(seen_by({}, {"far"}), {.cluster = "local"}).empty());
  BOOST_TEST(walk(seen_by({"nothing"}, {}), {}).empty());
}

BOOST_AUTO_TEST_CASE(a_deployment_of_another_lane_is_as_one_that_never_was) {
  const auto store = seen_by({"shop"}, {"local"});
  const auto own = ids[{"shop", "local"}].front();
  const auto foreign = ids[{"shop", "far"}].front();
  BOOST_TEST(store.find(own)->id == own);
  BOOST_TEST(*store.resolve(own) == own);
  for (const auto& no : {store.find(foreign).error(), store.resolve(foreign).error(),
                         store.journal(foreign, 1, 1000).error()})
    BOOST_TEST(to_string(no.code) == "not_found");
  auto told = store.find(foreign).error();
  auto unknown = store.find("d999").error();
  unknown.details["deployment"] = foreign;
  BOOST_TEST((told.details == unknown.details));
}

BOOST_AUTO_TEST_CASE(a_prefix_is_ambiguous_among_what_is_seen_only) {
  const auto several = seen_by({"shop"}, {}).resolve("d").error();
  BOOST_TEST(to_string(several.code) == "invalid_argument");
  for (const auto& id : of({{"blog", "far"}, {"blog", "local"}, {"shop-2", "local"}}))
    BOOST_TEST(several.details.at("candidates").find(id) == std::string::npos);
  auto alone = sample("e100", 50, {"shop", "local"});
  auto other = sample("e200", 51, {"blog", "local"});
  keep(*stores, alone);
  keep(*stores, other);
  BOOST_TEST(*seen_by({"shop"}, {}).resolve("e") == "e100");
  BOOST_TEST(to_string(seen_by({"nothing"}, {}).resolve("e").error().code) == "not_found");
}

BOOST_AUTO_TEST_CASE(lanes_and_what_is_unfinished_are_those_that_are_seen) {
  const auto store = seen_by({}, {"far"});
  std::vector<lane_key> lanes;
  const auto listed = *store.lanes({}, {});
  for (const auto& one : listed)
    lanes.push_back(one.lane);
  BOOST_TEST((lanes == std::vector<lane_key>{{"blog", "far"}, {"shop", "far"}}));
  BOOST_TEST(store.lanes("shop-2", {})->empty());
  BOOST_TEST(store.lane({"shop", "local"})->revision == 0U);
  BOOST_TEST(store.unfinished(lane_key{"shop", "local"})->empty());
  const auto unfinished = *store.unfinished({});
  BOOST_TEST(!unfinished.empty());
  for (const auto& one : unfinished)
    BOOST_TEST(one.cluster == "far");
  BOOST_TEST(!store.by_request("request-" + ids[{"shop", "local"}].front())->has_value());
  BOOST_TEST(store.by_request("request-" + ids[{"shop", "far"}].front())->has_value());
}

BOOST_AUTO_TEST_CASE(of_a_version_that_was_built_elsewhere_the_place_is_not_told) {
  auto d = full_sample("built");
  d.app = "shop";
  d.cluster = "far";
  d.internals.revision = 0;
  auto version = sample_version(d);
  BOOST_REQUIRE(commit_one(*stores, {.deployments = {d}, .version = version}).has_value());
  const auto all = *seen_by({}, {"local"}).versions("shop", 10, {});
  BOOST_REQUIRE(all.size() == 1U);
  BOOST_TEST(all.front().cluster.empty());
  BOOST_TEST(all.front().deployment.empty());
  BOOST_TEST(seen_by({}, {"far"}).versions("shop", 10, {})->front().deployment == "built");
}

BOOST_AUTO_TEST_CASE(freezes_are_those_that_hold_for_what_is_seen) {
  const std::vector<freeze_scope> scopes{{},          {"blog", {}}, {"shop", {}}, {"shop", "far"},
                                         {{}, "far"}, {{}, "local"}};
  for (const auto& scope : scopes)
    BOOST_REQUIRE(
        commit_one(*stores, {.freeze = freeze_record{scope.app, scope.cluster, "sale", "ann", {}}})
            .has_value());
  const auto seen = [](const visible_store& store) {
    std::string all;
    const auto found = *store.freezes();
    for (const auto& one : found)
      all += to_string(scope_of(one)) + "; ";
    return all;
  };
  BOOST_TEST(seen(seen_by({"shop"}, {"local"})) ==
             "all apps in all clusters; all apps in local; shop in all clusters; ");
  BOOST_TEST(seen_by({}, {}).freezes()->size() == scopes.size());
}

BOOST_AUTO_TEST_CASE(audit_records_are_those_of_what_is_seen) {
  change wanted;
  const auto add = [&](std::optional<std::string> app, std::optional<std::string> cluster) {
    auto& one = wanted.audit.emplace_back();
    one.at = at(static_cast<int>(wanted.audit.size()));
    one.action = "deploy";
    one.app = std::move(app);
    one.cluster = std::move(cluster);
  };
  for (const auto& lane : all_lanes)
    add(lane.app, lane.cluster);
  add({}, {});
  add("shop", {});
  BOOST_REQUIRE(commit_one(*stores, wanted).has_value());
  const auto seen = [](const visible_store& store) {
    std::string all;
    audit_query query{.limit = 1};
    do {
      const auto page = *store.audit(query);
      for (const auto& one : page.records)
        all += one.app.value_or("-") + "/" + one.cluster.value_or("-") + " ";
      query.cursor = page.next_cursor;
    } while (query.cursor);
    return all;
  };
  BOOST_TEST(seen(seen_by({"shop"}, {})) == "shop/- shop/local shop/far ");
  BOOST_TEST(seen(seen_by({"shop"}, {"far"})) == "shop/far ");
  BOOST_TEST(seen_by({}, {}).audit({})->records.size() == wanted.audit.size());
}

BOOST_AUTO_TEST_SUITE_END()

// Whose it is cannot be known, so only those who see all are told of it.
BOOST_AUTO_TEST_CASE(of_a_record_that_does_not_verify_those_who_see_a_part_hear_nothing) {
  temporary_directory parent;
  const auto directory = parent.path() / "store";
  {
    auto store = *lmdb_store::open(directory);
    keep(*store, sample("one", 1, {"blog", "local"}));
    keep(*store, sample("two", 2, {"shop", "local"}));
  }
  {
    raw_file file{directory};
    auto bytes = file.get(schema::database::deployments, "one");
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    file.put(schema::database::deployments, "one", bytes);
  }
  std::shared_ptr<store> opened = *lmdb_store::open(directory);
  const visible_store part{opened, {role::view, {"shop"}, {}}};
  BOOST_TEST(to_string(opened->find("one").error().code) == "data_corruption");
  BOOST_TEST(part.find("one").error().message == [&] {
    auto message = part.find("six").error().message;
    return message.replace(message.find("six"), 3, "one");
  }());
  BOOST_TEST(part.history({})->damaged.empty());
  BOOST_TEST(part.history({})->deployments.size() == 1U);
}
