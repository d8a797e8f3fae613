// By what a lane is frozen at a time, without a server.
#include "lifecycle/freeze.hpp"

#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(freezes)

namespace {

using namespace std::chrono;

const lane_key shop{"shop", "production"};

timestamp utc(month_day day, minutes time) {
  return sys_days{2026y / day.month() / day.day()} + time;
}

// The clocks of Berlin in 2026.
std::shared_ptr<const time_zone> berlin() {
  return std::make_shared<const time_zone>(
      time_zone{"Europe/Berlin", 1h, {{utc(March / 29, 1h), 2h}, {utc(October / 25, 1h), 1h}}});
}

freeze_window window(minutes from, minutes to) {
  return {"Fri 16:00 - Mon 08:00 Europe/Berlin", from, to, berlin()};
}

const freeze_window weekend = window(days{4} + 16h, 8h);

freeze_record freeze(std::optional<std::string> app, std::optional<std::string> cluster) {
  return {std::move(app), std::move(cluster), "sale", "ann", utc(May / 1, 0h), {}};
}

std::optional<lane_freeze> at(timestamp now, std::vector<freeze_record> freezes,
                              std::vector<freeze_window> windows = {}) {
  return find_freeze(shop, now, freezes, windows);
}

std::string period(const std::optional<lane_freeze>& found) {
  return found ? format_time(found->since) + " " +
                     (found->until ? format_time(*found->until) : "for good")
               : "none";
}

} // namespace

BOOST_AUTO_TEST_CASE(a_freeze_is_for_an_app_or_all_in_a_cluster_or_all) {
  const auto now = utc(May / 2, 0h);
  BOOST_TEST(at(now, {freeze({}, {})}).has_value());
  BOOST_TEST(at(now, {freeze("shop", {})}).has_value());
  BOOST_TEST(at(now, {freeze({}, "production")}).has_value());
  BOOST_TEST(at(now, {freeze("shop", "production")}).has_value());
  BOOST_TEST(!at(now, {freeze("blog", {})}).has_value());
  BOOST_TEST(!at(now, {freeze({}, "staging")}).has_value());
  BOOST_TEST(!at(now, {freeze("shop", "staging"), freeze("blog", "production")}).has_value());
  BOOST_TEST(!at(now, {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_freeze_holds_until_its_end_and_not_then) {
  auto until_two = freeze("shop", {});
  until_two.until = utc(May / 2, 2h);
  BOOST_TEST(at(*until_two.until - 1ms, {until_two}).has_value());
  BOOST_TEST(!at(*until_two.until, {until_two}).has_value());
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_lifts_no_freeze) {
  BOOST_TEST(at(utc(April / 1, 0h), {freeze({}, {})}).has_value());
}

BOOST_AUTO_TEST_CASE(of_several_the_one_that_lasts_longest_is_told) {
  const auto now = utc(May / 2, 0h);
  auto first = freeze("shop", {});
  first.until = utc(May / 3, 0h);
  auto second = freeze({}, {});
  second.until = utc(May / 4, 0h);
  BOOST_TEST(at(now, {first, second})->until == second.until);
  BOOST_TEST(at(now, {second, first})->until == second.until);
  BOOST_TEST(!at(now, {second, freeze("shop", "production"), first})->until);
}

// 2026-05-01 is a Friday; Berlin is two hours ahead of UTC.
BOOST_AUTO_TEST_CASE(a_window_holds_by_the_clocks_of_its_zone) {
  BOOST_TEST(period(at(utc(May / 1, 14h) - 1ms, {}, {weekend})) == "none");
  const auto whole = "2026-05-01T14:00:00.000Z 2026-05-04T06:00:00.000Z";
  for (auto now : {utc(May / 1, 14h), utc(May / 2, 12h), utc(May / 4, 6h) - 1ms})
    BOOST_TEST(period(at(now, {}, {weekend})) == whole);
  BOOST_TEST(period(at(utc(May / 4, 6h), {}, {weekend})) == "none");
}

// The clocks are put forward on the Sunday, and back on another: the window is an hour shorter, or
// longer.
BOOST_AUTO_TEST_CASE(a_window_over_a_change_of_the_clocks_ends_by_the_new_ones) {
  BOOST_TEST(period(at(utc(March / 28, 0h), {}, {weekend})) ==
             "2026-03-27T15:00:00.000Z 2026-03-30T06:00:00.000Z");
  BOOST_TEST(period(at(utc(October / 25, 12h), {}, {weekend})) ==
             "2026-10-23T14:00:00.000Z 2026-10-26T07:00:00.000Z");
}

// Sun 02:30 does not exist on 2026-03-29, and exists twice on 2026-10-25.
BOOST_AUTO_TEST_CASE(a_window_with_an_end_in_the_changed_hour_is_frozen_rather_longer) {
  const auto until_half_past = window(days{6} + 1h, days{6} + 2h + 30min);
  BOOST_TEST(period(at(utc(March / 29, 30min), {}, {until_half_past})) ==
             "2026-03-29T00:00:00.000Z 2026-03-29T01:00:00.000Z");
  BOOST_TEST(period(at(utc(October / 25, 45min), {}, {until_half_past})) ==
             "2026-10-24T23:00:00.000Z 2026-10-25T01:30:00.000Z");
  const auto from_half_past = window(days{6} + 2h + 30min, days{6} + 5h);
  BOOST_TEST(period(at(utc(March / 29, 1h), {}, {from_half_past})) ==
             "2026-03-29T01:00:00.000Z 2026-03-29T03:00:00.000Z");
  BOOST_TEST(period(at(utc(October / 25, 30min), {}, {from_half_past})) ==
             "2026-10-25T00:30:00.000Z 2026-10-25T04:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_window_may_be_all_but_a_minute_of_the_week) {
  const auto nearly_all = window(1min, 0min);
  BOOST_TEST(period(at(utc(May / 3, 22h), {}, {nearly_all})) == "none");
  BOOST_TEST(period(at(utc(May / 3, 22h) - 1ms, {}, {nearly_all})) ==
             "2026-04-26T22:01:00.000Z 2026-05-03T22:00:00.000Z");
  BOOST_TEST(period(at(utc(May / 3, 22h) + 1min, {}, {nearly_all})) ==
             "2026-05-03T22:01:00.000Z 2026-05-10T22:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_refusal_says_who_why_until_when_and_what_to_do) {
  const auto why = refusal_of(shop, *at(utc(May / 2, 0h), {freeze({}, "production")}));
  BOOST_TEST(why.code == errc::frozen);
  BOOST_TEST(why.message ==
             "deploys of shop to production are frozen by ann until it is lifted: sale. Wait until "
             "it is lifted; an admin may lift it (pawl unfreeze -C production), or deploy shop all "
             "the same, with --override-freeze REASON");
  BOOST_TEST(why.details.at("by") == "ann");
  BOOST_TEST(why.details.at("reason") == "sale");
  BOOST_TEST(!why.details.contains("until"));
  const auto by_window = refusal_of(shop, *at(utc(May / 2, 0h), {}, {weekend}));
  BOOST_TEST(by_window.details.at("until") == "2026-05-04T06:00:00.000Z");
  BOOST_TEST(by_window.message.find("unfreeze") == std::string::npos, by_window.message);
}

BOOST_AUTO_TEST_SUITE_END()
