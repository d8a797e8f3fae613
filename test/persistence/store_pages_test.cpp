// The contract of stores for pages of journals and of the history, over both stores in lock-step.
#include "test/persistence/both_stores.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <cctype>

using namespace pawl;
using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(store_pages)

namespace {

constexpr std::size_t plenty = 1 << 20;

using names = std::vector<std::string>;

bool refused(const result<receipt>& kept, errc code) {
  return !kept && kept.error().code == code && kept.error().details.contains("deployment");
}

} // namespace

BOOST_AUTO_TEST_CASE(a_journal_is_numbered_without_a_gap) {
  both_stores stores;
  auto d = keep(stores, sample("one"));
  BOOST_TEST(stores.journal("one", 1, plenty)->events.empty());
  BOOST_TEST(stores.journal("one", 1, plenty)->complete);
  for (int i = 0; i < 3; ++i) {
    change appended{.journal = {{"one", {log_line("a"), log_line("b")}}, {"one", {log_line("c")}}}};
    BOOST_TEST(commit_one(stores, appended).has_value());
  }
  for (std::uint64_t from = 0; from <= 11; ++from) {
    auto page = stores.journal("one", from, plenty);
    BOOST_REQUIRE(page.has_value());
    BOOST_TEST(page->complete);
    BOOST_TEST(!page->settled);
    auto expected = std::max<std::uint64_t>(from, 1);
    for (const auto& event : events_of(*page))
      BOOST_TEST(event.seq == expected++);
    BOOST_TEST(expected == std::max<std::uint64_t>(from, 10));
  }
  BOOST_TEST(to_string(stores.journal("two", 1, plenty).error().code) == "not_found");
}

BOOST_AUTO_TEST_CASE(a_journal_is_closed_when_its_deployment_has_settled) {
  both_stores stores;
  auto d = keep(stores, sample("one"));
  BOOST_TEST(refused(commit_one(stores, {.journal = {{"two", {log_line("x")}}}}), errc::not_found));
  move(stores, d, state::failed); // its last event, in the change that settles it
  auto page = stores.journal("one", 1, plenty);
  BOOST_REQUIRE(page.has_value());
  BOOST_TEST(page->events.size() == 1U);
  BOOST_TEST(page->settled);
  BOOST_TEST(refused(commit_one(stores, {.journal = {{"one", {log_line("x")}}}}),
                     errc::invalid_transition));
}

BOOST_AUTO_TEST_CASE(a_page_of_a_journal_is_bounded_but_never_empty) {
  both_stores stores;
  keep(stores, sample("one"));
  change appended{.journal = {{"one", {}}}};
  for (int i = 0; i < 2000; ++i)
    appended.journal[0].events.push_back(log_line(std::string(100, '\xff')));
  BOOST_TEST(commit_one(stores, appended).has_value());
  auto by_count = stores.journal("one", 7, plenty);
  BOOST_TEST(by_count->events.size() == limits::journal_page_events);
  BOOST_TEST(!by_count->complete);
  auto by_bytes = stores.journal("one", 7, 1000);
  BOOST_TEST(by_bytes->events.size() > 1U);
  BOOST_TEST(by_bytes->events.size() < 10U);
  BOOST_TEST(stores.journal("one", 7, 0)->events.size() == 1U);
  std::uint64_t next = 1;
  for (bool complete = false; !complete;) {
    auto page = stores.journal("one", next, 30'000);
    BOOST_REQUIRE(page.has_value() && !page->events.empty());
    next = page->events.next();
    complete = page->complete;
  }
  BOOST_TEST(next == 2001U);
}

BOOST_AUTO_TEST_CASE(history_is_newest_first_over_one_lane_or_many) {
  both_stores stores;
  const lane_key lanes[]{
      {"shop", "local"}, {"shop", "far"}, {"shop-2", "local"}, {"blog", "local"}};
  for (int i = 0; i < 40; ++i)
    keep(stores, sample("d" + std::to_string(100 + i), i / 2, lanes[i * 7 % 4]));
  for (std::size_t limit : {1U, 3U, 20U, 1000U}) {
    auto all = walk(stores, {.limit = limit});
    BOOST_TEST(all.size() == 40U);
    BOOST_TEST(std::is_sorted(all.rbegin(), all.rend()));
    BOOST_TEST(walk(stores, {.app = "shop", .limit = limit}).size() == 20U);
    BOOST_TEST(walk(stores, {.cluster = "local", .limit = limit}).size() == 30U);
    BOOST_TEST(walk(stores, {.app = "shop", .cluster = "far", .limit = limit}).size() == 10U);
    BOOST_TEST(walk(stores, {.app = "none", .limit = limit}).empty());
    BOOST_TEST(walk(stores, {.app = std::string{"shop\0far", 8}, .limit = limit}).empty());
    BOOST_TEST(walk(stores, {.since = at(5), .until = at(7), .limit = limit}) ==
                   (names{"d113", "d112", "d111", "d110"}),
               boost::test_tools::per_element());
  }
  BOOST_TEST(walk(stores, {.until = timestamp{std::chrono::milliseconds{-9}}}).empty());
}

BOOST_AUTO_TEST_CASE(history_is_filtered) {
  both_stores stores;
  auto one = full_sample("one");
  one.by = "eve";
  keep(stores, one);
  auto two = sample("two", 1);
  two.operation = operation::rollback;
  keep(stores, two);
  BOOST_TEST(walk(stores, {.state = state::preparing}).size() == 2U);
  BOOST_TEST(walk(stores, {.state = state::active}).empty());
  BOOST_TEST(walk(stores, {.operation = operation::rollback}) == names{"two"},
             boost::test_tools::per_element());
  BOOST_TEST(walk(stores, {.by = "eve"}) == names{"one"}, boost::test_tools::per_element());
  BOOST_TEST(walk(stores, {.commit_prefix = "abc"}) == names{"one"},
             boost::test_tools::per_element());
  BOOST_TEST(walk(stores, {.commit_prefix = "abd"}).empty());
  BOOST_TEST(walk(stores, {.version = version_number{7}}) == names{"one"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_page_of_a_rare_filter_stops_and_goes_on) {
  both_stores stores{10};
  keep(stores, full_sample("rare"));
  for (int i = 1; i <= 25; ++i)
    keep(stores, sample("d" + std::to_string(i), i));
  history_query query{.version = version_number{7}};
  auto first = stores.history(query);
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->deployments.empty());
  BOOST_TEST(first->next_cursor.has_value());
  BOOST_TEST(walk(stores, query) == names{"rare"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_walk_meets_each_record_once_while_new_ones_are_written) {
  both_stores stores;
  for (int i = 0; i < 30; ++i)
    keep(stores, sample("old" + std::to_string(100 + i), i));
  history_query query{.limit = 4};
  std::vector<std::string> seen;
  int written = 0;
  do {
    auto page = stores.history(query);
    BOOST_REQUIRE(page.has_value());
    for (const auto& d : page->deployments)
      seen.push_back(d.id);
    query.cursor = page->next_cursor;
    keep(stores, sample("new" + std::to_string(written), 100 + written));
    ++written;
  } while (query.cursor);
  BOOST_TEST(seen.size() == 30U);
  BOOST_TEST(std::is_sorted(seen.rbegin(), seen.rend()));
  BOOST_TEST(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

BOOST_AUTO_TEST_CASE(a_cursor_that_was_not_given_out_is_refused) {
  both_stores stores;
  for (int i = 0; i < 3; ++i)
    keep(stores, sample("d" + std::to_string(i), i));
  auto cursor = stores.history({.limit = 1})->next_cursor.value();
  auto in_capitals = cursor;
  for (auto& c : in_capitals)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (auto made_up :
       {std::string{}, std::string{"00"}, std::string{"zz"}, cursor + "00", in_capitals,
        cursor.substr(2), std::string(10'000, 'a'), std::string(64, '0')})
    BOOST_TEST(to_string(stores.history({.cursor = made_up}).error().code) == "invalid_argument");
  for (auto& c : cursor) {
    auto old = std::exchange(c, c == '7' ? '8' : '7');
    BOOST_TEST(!stores.history({.cursor = cursor}).has_value());
    c = old;
  }
  BOOST_TEST(to_string(stores.history({.limit = 0}).error().code) == "invalid_argument");
  BOOST_TEST(to_string(stores.history({.limit = 1001}).error().code) == "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()
