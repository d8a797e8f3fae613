// The cost of a page of the history: record lookups and cursor steps.
#include "persistence/lmdb/lmdb_store.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

constexpr std::size_t little = 3 * limits::history_page_default;

struct counted_store {
  temporary_directory parent;
  std::unique_ptr<lmdb_store> store = *lmdb_store::open(parent.path() / "store");

  std::uint64_t cost(const history_query& query) const {
    const auto before = store->counters().reads;
    BOOST_REQUIRE(store->history(query).has_value());
    return store->counters().reads - before;
  }

  // One deployment each, of the app that `app_of` gives for its number.
  template <class AppOf>
  void deploy(int from, int to, AppOf&& app_of) const {
    std::vector<change> changes;
    for (int i = from; i < to; ++i)
      changes.push_back(
          {.deployments = {sample("d" + std::to_string(i), i, {app_of(i), "local"})}});
    for (const auto& kept : store->commit(changes))
      BOOST_REQUIRE(kept.has_value());
  }
};

const auto one_app = [](int) { return "shop"; };
const auto own_app = [](int i) { return "app-" + std::to_string(i); };

} // namespace

BOOST_FIXTURE_TEST_SUITE(page_cost_test, counted_store)

BOOST_AUTO_TEST_CASE(a_page_costs_the_same_however_long_the_history_is) {
  deploy(0, 100, one_app);
  const auto of_one_lane = cost({.app = "shop", .cluster = "local"});
  const auto of_all = cost({});
  BOOST_TEST(of_one_lane < little);
  BOOST_TEST(of_all < little);
  deploy(100, 5000, one_app);
  BOOST_TEST(cost({.app = "shop", .cluster = "local"}) == of_one_lane);
  BOOST_TEST(cost({}) == of_all);
  const auto middle = *store->history({.app = "shop", .cluster = "local", .until = at(2500)});
  BOOST_TEST(cost({.app = "shop", .cluster = "local", .cursor = middle.next_cursor}) <=
             of_one_lane + 1);
}

BOOST_AUTO_TEST_CASE(a_page_of_all_apps_costs_the_same_however_many_there_are) {
  deploy(0, 30, own_app);
  const auto of_all = cost({});
  const auto of_a_cluster = cost({.cluster = "local"});
  BOOST_TEST(of_all < little);
  deploy(30, 1000, own_app);
  BOOST_TEST(cost({}) == of_all);
  BOOST_TEST(cost({.cluster = "local"}) == of_a_cluster);
  const auto first = *store->history({});
  BOOST_TEST(cost({.cursor = first.next_cursor}) <= of_all + 1);
}

BOOST_AUTO_TEST_SUITE_END()
