// Freezes and the audit journal, over both stores in lock-step.
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
using schema::database;

namespace {

struct freezes_fixture {
  both_stores stores;

  static freeze_record freeze(std::optional<std::string> app, std::optional<std::string> cluster,
                              std::string reason = "sale") {
    return {std::move(app), std::move(cluster), std::move(reason), "ann", at(1), at(1000)};
  }

  static audit_record told(std::int64_t ms, std::string detail, std::string by = "ann") {
    audit_record one;
    one.at = at(ms);
    one.by = std::move(by);
    one.action = "deploy";
    one.app = "shop";
    one.address = "unix";
    one.detail = std::move(detail);
    return one;
  }

  void tell(std::vector<audit_record> records) {
    const auto stored = commit_one(stores, {.audit = std::move(records)});
    BOOST_REQUIRE(stored.has_value());
  }

  // The details of all records that the query finds, in pages.
  std::string found(audit_query query) const {
    std::string all;
    for (int pages = 0; pages < 100; ++pages) {
      auto page = stores.audit(query);
      BOOST_REQUIRE(page.has_value());
      for (const auto& one : page->records)
        all += one.detail;
      if (!page->next_cursor)
        return all;
      all += "|";
      query.cursor = page->next_cursor;
    }
    BOOST_FAIL("the pages have no end");
    return all;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(freezes_of_stores, freezes_fixture)

BOOST_AUTO_TEST_CASE(there_is_one_freeze_of_each_scope_also_after_a_restart) {
  for (const auto& one : {freeze({}, {}), freeze("shop", {}), freeze({}, "far"),
                          freeze("shop", "far", "first"), freeze("shop", "far", "second")})
    BOOST_REQUIRE(commit_one(stores, {.freeze = one})->freeze == one);
  stores.reopen();
  const auto known = stores.freezes();
  BOOST_REQUIRE(known->size() == 4U);
  BOOST_TEST(known->back() == freeze("shop", "far", "second"));
}

BOOST_AUTO_TEST_CASE(a_freeze_is_lifted_by_its_scope_and_by_no_other) {
  BOOST_REQUIRE(commit_one(stores, {.freeze = freeze("shop", {})}).has_value());
  for (const freeze_scope& other : {freeze_scope{}, freeze_scope{"shop", "far"},
                                    freeze_scope{{}, "far"}, freeze_scope{"blog", {}}}) {
    const auto refused = commit_one(stores, {.unfrozen = other, .audit = {told(1, "x")}});
    BOOST_REQUIRE(!refused.has_value());
    BOOST_TEST(to_string(refused.error().code) == "not_found");
    BOOST_TEST(refused.error().message.find("pawl unfreeze -a shop") != std::string::npos);
  }
  BOOST_TEST(stores.audit({})->records.empty()); // refused as a whole
  BOOST_TEST(commit_one(stores, {.unfrozen = freeze_scope{"shop", {}}})->lifted.value() ==
             freeze("shop", {}));
  stores.reopen();
  BOOST_TEST(stores.freezes()->empty());
}

BOOST_AUTO_TEST_CASE(so_many_freezes_are_set_at_most_and_one_of_them_may_be_set_anew) {
  std::vector<change> many;
  for (std::size_t i = 0; i < limits::freezes; ++i)
    many.push_back({.freeze = freeze(fmt::format("app-{}", i), {})});
  for (const auto& outcome : stores.commit(many))
    BOOST_REQUIRE(outcome.has_value());
  BOOST_TEST(to_string(commit_one(stores, {.freeze = freeze("more", {})}).error().code) ==
             "resource_exhausted");
  BOOST_TEST(commit_one(stores, {.freeze = freeze("app-7", {}, "new")}).has_value());
}

BOOST_AUTO_TEST_CASE(freezes_that_are_over_make_room_for_the_next) {
  std::vector<change> many;
  for (std::size_t i = 0; i + 1 < limits::freezes; ++i)
    many.push_back({.freeze = freeze(fmt::format("app-{}", i), {})});
  auto lasting = freeze({}, "far");
  lasting.until.reset();
  many.push_back({.freeze = lasting});
  for (const auto& outcome : stores.commit(many))
    BOOST_REQUIRE(outcome.has_value());
  auto next = freeze("app-7", {}, "new"); // in the place of one of those
  next.at = *many.front().freeze->until;
  next.until = next.at + std::chrono::hours{1};
  auto too_early = freeze("more", {});
  too_early.at = next.at - std::chrono::milliseconds{1};
  BOOST_TEST(to_string(commit_one(stores, {.freeze = too_early}).error().code) ==
             "resource_exhausted");
  const auto kept = commit_one(stores, {.freeze = next});
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->over_freezes.size() == limits::freezes - 2);
  stores.reopen();
  BOOST_TEST(*stores.freezes() == (std::vector<freeze_record>{lasting, next}));
}

BOOST_AUTO_TEST_CASE(a_freeze_without_a_reason_or_of_no_name_is_not_stored) {
  for (const auto& bad : {freeze("shop", {}, ""), freeze("Shop", {}), freeze({}, "a b"),
                          freeze("shop", {}, std::string(limits::reason_bytes + 1, 'x'))})
    BOOST_TEST(to_string(commit_one(stores, {.freeze = bad}).error().code) == "invalid_argument");
}

BOOST_AUTO_TEST_CASE(audit_records_are_listed_newest_first_and_those_of_a_millisecond_in_order) {
  tell({told(5, "b"), told(5, "c")});
  tell({told(5, "d"), told(4, "a")});
  tell({told(6, "e")});
  BOOST_TEST(found({}) == "edcba");
  BOOST_TEST(found({.limit = 2}) == "ed|cb|a");
  BOOST_TEST(found({.limit = 5}) == "edcba");
  BOOST_TEST(found({.since = at(5)}) == "edcb");
  BOOST_TEST(found({.until = at(5)}) == "a");
  BOOST_TEST(found({.since = at(5), .until = at(6), .limit = 1}) == "d|c|b");
  stores.reopen();
  tell({told(5, "f")});
  BOOST_TEST(found({}) == "efdcba");
}

BOOST_AUTO_TEST_CASE(audit_records_are_found_by_app_user_and_action) {
  auto other = told(2, "b", "bob");
  other.app = "blog";
  auto third = told(3, "c");
  third.app.reset();
  third.action = "freeze";
  tell({told(1, "a"), other, third});
  BOOST_TEST(found({.app = "blog"}) == "b");
  BOOST_TEST(found({.by = "ann"}) == "ca");
  BOOST_TEST(found({.action = "freeze"}) == "c");
  BOOST_TEST(found({.app = "shop", .by = "bob"}).empty());
}

BOOST_AUTO_TEST_CASE(a_page_for_a_rare_filter_ends_after_so_many_records) {
  both_stores small{3};
  std::vector<audit_record> records;
  for (int i = 0; i < 7; ++i)
    records.push_back(told(i, "x", i == 0 ? "bob" : "ann"));
  BOOST_REQUIRE(commit_one(small, {.audit = records}).has_value());
  audit_query query{.by = "bob"};
  int pages = 1;
  for (auto page = small.audit(query); page->next_cursor; page = small.audit(query), ++pages) {
    BOOST_TEST(page->records.empty());
    query.cursor = page->next_cursor;
  }
  BOOST_TEST(pages == 3);
  BOOST_TEST(small.audit(query)->records.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_cursor_of_another_list_is_refused) {
  for (const auto* none : {"", "00", "zz"})
    BOOST_TEST(to_string(stores.audit({.cursor = none}).error().code) == "invalid_argument");
  keep(stores, sample("one", 1));
  keep(stores, sample("two", 2));
  const auto cursor = stores.history({.limit = 1})->next_cursor;
  BOOST_REQUIRE(cursor.has_value());
  BOOST_TEST(to_string(stores.audit({.cursor = cursor}).error().code) == "invalid_argument");
}

BOOST_AUTO_TEST_CASE(records_are_removed_by_their_age_in_small_steps) {
  constexpr std::size_t more = limits::audit_removed_at_once + 10;
  std::vector<audit_record> records;
  for (std::size_t i = 0; i < more; ++i)
    records.push_back(told(static_cast<std::int64_t>(i), "x"));
  records.push_back(told(5000, "new"));
  tell(std::move(records));
  BOOST_TEST(commit_one(stores, {.audit_kept_since = at(5000)})->audit_removed ==
             limits::audit_removed_at_once);
  BOOST_TEST(commit_one(stores, {.audit_kept_since = at(5000)})->audit_removed == 10U);
  BOOST_TEST(commit_one(stores, {.audit_kept_since = at(5000)})->audit_removed == 0U);
  BOOST_TEST(found({}) == "new");
}

BOOST_AUTO_TEST_CASE(a_record_with_a_long_text_or_without_an_action_is_not_stored) {
  auto nameless = told(1, "x");
  nameless.action.clear();
  for (const auto& bad : {told(1, std::string(limits::audit_detail_bytes + 1, 'x')), nameless,
                          told(-2'000'000'000'000, "x")})
    BOOST_TEST(to_string(commit_one(stores, {.audit = {bad}}).error().code) == "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct damaged_fixture {
  temporary_directory parent;
  std::filesystem::path directory = parent.path() / "store";

  std::unique_ptr<lmdb_store> open() const { return *lmdb_store::open(directory); }

  // With every byte of the record's end turned.
  void damage(database db, const std::string& key) const {
    raw_file file{directory};
    auto bytes = file.get(db, key);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    file.put(db, key, bytes);
  }

  std::vector<std::string> breaches() const {
    std::vector<std::string> told;
    BOOST_REQUIRE(verify_store(directory, [&](const breach& one) {
                    told.push_back(one.record);
                  }).has_value());
    return told;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(damaged_freezes, damaged_fixture)

BOOST_AUTO_TEST_CASE(a_freeze_that_does_not_verify_holds_until_it_is_lifted) {
  const auto one = freezes_fixture::freeze("shop", "far");
  BOOST_REQUIRE(commit_one(*open(), {.freeze = one}).has_value());
  BOOST_TEST(breaches().empty());
  damage(database::freezes, schema::freeze_key(scope_of(one)));
  BOOST_TEST(breaches() == std::vector<std::string>{"freezes/shop/far"});
  auto store = open();
  const auto known = *store->freezes();
  BOOST_REQUIRE(known.size() == 1U);
  BOOST_TEST(find_freeze({"shop", "far"}, at(5000), known, {}).has_value());
  BOOST_TEST(commit_one(*store, {.unfrozen = scope_of(one)}).has_value());
  BOOST_TEST(store->freezes()->empty());
}

BOOST_AUTO_TEST_CASE(an_audit_record_that_does_not_verify_is_named_and_the_others_are_shown) {
  const auto record = freezes_fixture::told(1, "x");
  BOOST_REQUIRE(
      commit_one(*open(), {.audit = {record, freezes_fixture::told(2, "y")}}).has_value());
  damage(database::audit, schema::audit_key(record.at, 0));
  BOOST_TEST(breaches().size() == 1U);
  const auto page = open()->audit({});
  BOOST_REQUIRE(page.has_value());
  BOOST_TEST(page->records.size() == 1U);
  BOOST_TEST(page->damaged.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
