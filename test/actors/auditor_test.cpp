// Failed logins are told once a minute, and old records of the audit journal removed.
#include "actors/journal/auditor.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct auditor_fixture : actor_fixture {
  void fail_login(const std::string& address) {
    caf::anon_send(actors.auditor, login_failed{address});
    run();
  }

  void refuse(const std::string& by, const std::string& app) {
    audit_record what;
    what.at = world->wall;
    what.action = "deploy";
    what.by = by;
    what.app = app;
    what.outcome = audit_outcome::refused;
    what.code = errc::in_flight;
    what.address = "unix";
    what.detail = "busy";
    ask<refusal_told>(actors.auditor, tell_refusal{what});
  }

  // "ADDRESS: DETAIL" of each record, oldest first.
  std::string told() const {
    std::string all;
    const auto page = records->audit({.limit = limits::history_page_max});
    for (auto one = page->records.rbegin(); one != page->records.rend(); ++one)
      all += fmt::format("{}{}: {}", all.empty() ? "" : ", ", one->address, one->detail);
    return all;
  }

  void store_records(std::size_t many) {
    change wanted;
    for (std::size_t i = 0; i < many; ++i) {
      auto& one = wanted.audit.emplace_back();
      one.at = world->wall;
      one.action = "deploy";
    }
    BOOST_REQUIRE(records->commit(std::vector{wanted}).front().has_value());
  }

  std::size_t kept() const {
    return records->audit({.limit = limits::history_page_max})->records.size();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(audit_by_the_clock, auditor_fixture)

BOOST_AUTO_TEST_CASE(failed_logins_of_a_minute_are_one_record_for_each_address) {
  for (const auto* address : {"192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1"})
    fail_login(address);
  BOOST_TEST(told().empty());
  advance(1min);
  BOOST_TEST(told() == "192.0.2.1: 3 failed logins, 192.0.2.2: 1 failed login");
  const auto page = records->audit({});
  BOOST_TEST(page->records.front().action == "login");
  BOOST_TEST(page->records.front().code.value() == errc::unauthenticated);
  BOOST_TEST(page->records.front().by.empty());
  advance(10min);
  BOOST_TEST(kept() == 2U);
  fail_login("192.0.2.1");
  advance(1min);
  BOOST_TEST(kept() == 3U);
}

BOOST_AUTO_TEST_CASE(more_addresses_than_are_counted_share_one_record) {
  for (std::size_t i = 0; i < limits::failed_login_addresses + 7; ++i)
    caf::anon_send(actors.auditor, login_failed{fmt::format("10.0.0.{}", i)});
  run();
  advance(1min);
  audit_query query{.limit = limits::history_page_max};
  std::size_t all = 0;
  std::string others;
  for (auto page = records->audit(query);; page = records->audit(query)) {
    all += page->records.size();
    for (const auto& one : page->records)
      if (one.address == "others")
        others = one.detail;
    if (!page->next_cursor)
      break;
    query.cursor = page->next_cursor;
  }
  BOOST_TEST(all == limits::failed_login_addresses + 1);
  BOOST_TEST(others == "7 failed logins");
}

BOOST_AUTO_TEST_CASE(of_many_refusals_of_a_user_the_first_have_records_and_the_others_are_counted) {
  for (std::size_t i = 0; i < limits::audited_refusals + 5; ++i)
    refuse("ann", fmt::format("app-{}", i));
  refuse("bob", "shop");
  BOOST_TEST(kept() == limits::audited_refusals + 1);
  advance(limits::audit_minute);
  BOOST_TEST(kept() == limits::audited_refusals + 2);
  const auto page = records->audit({});
  const auto& last = page->records.front();
  BOOST_TEST(last.by == "ann");
  BOOST_TEST(last.app.value() == fmt::format("app-{}", limits::audited_refusals + 4));
  BOOST_TEST(last.detail == "the latest of 5 more that were refused within a minute; busy");
  refuse("ann", "shop");
  BOOST_TEST(kept() == limits::audited_refusals + 3);
}

BOOST_AUTO_TEST_CASE(what_is_counted_is_told_at_once_to_a_server_that_ends) {
  fail_login("192.0.2.1");
  for (std::size_t i = 0; i < limits::audited_refusals + 2; ++i)
    refuse("ann", "shop");
  BOOST_TEST(kept() == limits::audited_refusals);
  ask<counts_told>(actors.auditor, tell_counts{});
  BOOST_TEST(kept() == limits::audited_refusals + 2);
  BOOST_TEST(told().find("192.0.2.1: 1 failed login") != std::string::npos);
  BOOST_TEST(told().find("the latest of 2 more") != std::string::npos);
  advance(1min);
  BOOST_TEST(kept() == limits::audited_refusals + 2); // once
}

BOOST_AUTO_TEST_CASE(records_are_removed_within_an_hour_after_their_time) {
  store_records(3);
  advance(limits::audit_keep);
  BOOST_TEST(kept() == 3U);
  store_records(1);
  advance(limits::audit_removal_interval);
  BOOST_TEST(kept() == 1U);
}

BOOST_AUTO_TEST_CASE(many_old_records_are_removed_step_by_step_at_one_look) {
  store_records(limits::audit_removed_at_once);
  store_records(limits::audit_removed_at_once);
  store_records(7);
  advance(limits::audit_keep + limits::audit_removal_interval);
  BOOST_TEST(kept() == 0U);
}

BOOST_AUTO_TEST_CASE(a_look_that_the_store_refused_is_made_again) {
  store_records(3);
  advance(limits::audit_keep);
  records->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  advance(limits::audit_removal_interval);
  BOOST_TEST(kept() == 3U);
  advance(limits::audit_removal_interval);
  BOOST_TEST(kept() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
