// All events of a deployment count towards the limit of its journal; states always fit.
#include "persistence/journal_budget.hpp"

#include "persistence/paging.hpp"
#include "test/persistence/both_stores.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

const std::string long_text(limits::log_line_bytes, 'x');

event check(std::int64_t ms = 0) {
  return {0, at(ms), health_event{"one-1", false, long_text}};
}

event state_of(state s, std::int64_t ms = 0) {
  return {0, at(ms), state_event{s, {}}};
}

template <class Body>
std::size_t count_of(const std::vector<event>& events) {
  return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [](const event& x) {
    return std::holds_alternative<Body>(x.body);
  }));
}

std::vector<event> all_of(const store& in, const std::string& id) {
  std::vector<event> all;
  for (bool more = true; more;) {
    auto page = in.journal(id, all.size() + 1, limits::journal_page_bytes);
    BOOST_REQUIRE(page.has_value());
    auto events = events_of(*page);
    all.insert(all.end(), events.begin(), events.end());
    more = !page->complete;
  }
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(journal_budget_test)

BOOST_AUTO_TEST_CASE(events_within_the_limit_stay_as_they_are) {
  journal_budget budget{0, 0};
  std::vector<event> events{check(), log_line("a"), state_of(state::building)};
  const auto before = events;
  budget.apply_to(events);
  BOOST_TEST((events == before));
  std::size_t bytes = 0;
  for (const auto& one : events)
    bytes += paging::bytes_of(one);
  BOOST_TEST(budget.bytes() == bytes);
}

BOOST_AUTO_TEST_CASE(past_the_limit_only_states_fit_and_the_next_one_says_how_many_did_not) {
  journal_budget budget{limits::journal_bytes + limits::journal_reserve, 0};
  std::vector<event> events{check(), log_line("a"), {0, at(1), warning_event{"slow"}}};
  budget.apply_to(events);
  BOOST_TEST(events.empty());
  BOOST_TEST(budget.left_out() == 3U);
  events = {state_of(state::failed)};
  budget.apply_to(events);
  BOOST_REQUIRE(events.size() == 2U);
  const auto& told = std::get<warning_event>(events.front().body).message;
  BOOST_TEST(told.starts_with("3 events"), told);
  BOOST_TEST(budget.left_out() == 0U);
}

BOOST_AUTO_TEST_CASE(warnings_have_a_reserve) {
  journal_budget budget{limits::journal_bytes, 0};
  std::vector<event> events{log_line("a"), {0, at(1), warning_event{"slow"}}};
  budget.apply_to(events);
  BOOST_REQUIRE(events.size() == 1U);
  BOOST_TEST(count_of<warning_event>(events) == 1U);
}

BOOST_AUTO_TEST_CASE(the_count_goes_over_all_changes_and_over_a_restart) {
  both_stores stores;
  auto d = keep(stores, sample("one"));
  const std::vector<event> batch(1024, check());
  for (int times = 0; times < 4; ++times) { // of 8 MiB each
    if (times == 2)
      stores.reopen();
    BOOST_REQUIRE(commit_one(stores, {.journal = {{"one", batch}}}).has_value());
  }
  move(stores, d, state::failed, 5);
  const auto all = all_of(stores, "one");
  std::size_t bytes = 0;
  for (const auto& one : all)
    bytes += paging::bytes_of(one);
  BOOST_TEST(bytes <= limits::journal_bytes + limits::journal_reserve);
  BOOST_TEST(bytes > limits::journal_bytes / 2);
  BOOST_TEST(count_of<state_event>(all) == 1U);
  BOOST_TEST(count_of<warning_event>(all) == 1U);
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_TEST_REQUIRE(all[i].seq == i + 1);
}

BOOST_AUTO_TEST_CASE(a_change_with_several_appends_is_counted_as_one) {
  both_stores stores;
  auto d = keep(stores, sample("one"));
  const std::vector<event> batch(1024, check());
  BOOST_REQUIRE(commit_one(stores, {.journal = {{"one", batch}, {"one", batch}, {"one", batch}}})
                    .has_value());
  const auto fits = limits::journal_bytes / paging::bytes_of(check());
  BOOST_TEST(all_of(stores, "one").size() == fits);
}

BOOST_AUTO_TEST_SUITE_END()
