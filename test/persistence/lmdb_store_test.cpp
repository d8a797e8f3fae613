// Promises of the store on disk alone: its file, its flushes, its map, its damage.
#include "persistence/lmdb/lmdb_store.hpp"

#include "persistence/lmdb/records.hpp"
#include "test/persistence/raw_file.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;
using schema::database;

namespace {

constexpr std::size_t plenty = 1 << 20;

struct store_fixture {
  temporary_directory parent;
  std::filesystem::path directory = parent.path() / "data" / "store";

  std::unique_ptr<lmdb_store> open(const lmdb_store_options& options = {}) const {
    auto opened = lmdb_store::open(directory, options);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
    return *std::move(opened);
  }

  // One record of every kind; all the tests of damage start from it.
  void fill() const {
    auto store = open();
    auto kept =
        commit_one(*store, {.deployments = {sample("one", 1)},
                            .lane = lane_record{.lane = {"shop", "local"}, .last_created = at(1)},
                            .version = sample_version(sample("one")),
                            .journal = {{"one", {log_line("a"), log_line("b")}}}});
    BOOST_REQUIRE(kept.has_value());
  }

  void damage(database db, const std::string& key) const {
    raw_file file{directory};
    auto value = file.get(db, key);
    value.back() = static_cast<char>(value.back() ^ 1);
    file.put(db, key, value);
  }

  std::string bytes() const {
    std::ifstream in{directory / "data.mdb", std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

template <class T>
bool is_damage_of(const result<T>& answer, const std::string& db, const std::string& record) {
  return !answer && answer.error().code == errc::data_corruption &&
         answer.error().details.at("database") == db &&
         answer.error().details.at("record") == record &&
         answer.error().message.find(record) != std::string::npos;
}

// A page without the record, that says so.
bool tells_of_damage(const result<history_page>& page, const std::string& record) {
  return page && page->damaged.size() == 1 &&
         is_damage_of(result<history_page>{page->damaged.front()}, "deployments", record) &&
         std::none_of(page->deployments.begin(), page->deployments.end(),
                      [&](const deployment& one) { return one.id == record; });
}

std::vector<change> many(int count, std::int64_t first = 0) {
  std::vector<change> changes;
  for (int i = 0; i < count; ++i)
    changes.push_back(
        {.deployments = {sample("d" + std::to_string(100'000 + first + i), first + i)}});
  return changes;
}

bool all_hold(const std::vector<result<receipt>>& results) {
  return std::all_of(results.begin(), results.end(), [](const auto& r) { return r.has_value(); });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(lmdb_store_test, store_fixture)

BOOST_AUTO_TEST_CASE(a_store_that_is_opened_again_has_kept_everything) {
  fill();
  auto store = open();
  auto d = sample("one", 1);
  d.version = version_number{1};
  d.internals.revision = 1;
  BOOST_TEST(*store->find("one") == d);
  BOOST_TEST(store->lane({"shop", "local"})->last_created == at(1));
  BOOST_TEST(store->version("shop", {1})->deployment == "one");
  BOOST_TEST(store->by_request("request-one")->value() == "one");
  BOOST_TEST(store->journal("one", 1, plenty)->events.size() == 2U);
  BOOST_TEST(store->unfinished({})->size() == 1U);
  BOOST_TEST(walk(*store, {}).size() == 1U);
  BOOST_TEST(
      commit_one(*store, {.journal = {{"one", {log_line("c")}}}})->journal[0].events[0].seq == 3U);
}

BOOST_AUTO_TEST_CASE(the_directory_and_its_files_are_for_their_owner_only) {
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::all);
  auto store = open();
  struct ::stat info {};
  BOOST_REQUIRE(::stat(directory.c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 07777U) == 0700U);
  for (const auto& file : std::filesystem::directory_iterator{directory}) {
    BOOST_REQUIRE(::stat(file.path().c_str(), &info) == 0);
    BOOST_TEST((info.st_mode & 0077U) == 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_second_server_on_the_same_directory_is_refused) {
  auto first = open();
  auto second = lmdb_store::open(directory);
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST(to_string(second.error().code) == "unavailable");
  auto pid = std::to_string(::getpid());
  BOOST_TEST(second.error().details.at("pid") == pid);
  BOOST_TEST(second.error().message.find(pid) != std::string::npos);
  first.reset();
  BOOST_TEST(lmdb_store::open(directory).has_value());
}

BOOST_AUTO_TEST_CASE(a_store_of_a_newer_program_is_refused_and_left_alone) {
  fill();
  raw_file{directory}.put(
      database::meta, schema::meta_key,
      records::encode(schema::meta_key, records::meta_record{schema::format + 1}));
  auto before = bytes();
  auto opened = lmdb_store::open(directory);
  BOOST_REQUIRE(!opened.has_value());
  BOOST_TEST(to_string(opened.error().code) == "invalid_argument");
  BOOST_TEST(opened.error().details.at("format") == std::to_string(schema::format + 1));
  BOOST_TEST(bytes() == before);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_store_is_refused) {
  std::filesystem::create_directories(directory);
  std::ofstream{directory / "data.mdb"} << std::string(10'000, 'x');
  auto opened = lmdb_store::open(directory);
  BOOST_REQUIRE(!opened.has_value());
  BOOST_TEST(to_string(opened.error().code) == "data_corruption");
  BOOST_TEST(opened.error().message.find(directory.native()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_an_error) {
  std::ofstream{parent.path() / "data"} << "a file";
  auto opened = lmdb_store::open(directory);
  BOOST_REQUIRE(!opened.has_value());
  BOOST_TEST(to_string(opened.error().code) == "internal");
}

BOOST_AUTO_TEST_CASE(a_commit_of_many_changes_is_one_transaction) {
  auto store = open();
  auto before = store->counters().commits;
  BOOST_TEST(all_hold(store->commit(many(64))));
  BOOST_TEST(store->counters().commits - before == 1U);
}

BOOST_AUTO_TEST_CASE(a_commit_that_keeps_nothing_flushes_nothing) {
  auto store = open();
  auto before = store->counters().commits;
  BOOST_TEST(!all_hold(store->commit(std::vector<change>{{.journal = {{"absent", {}}}}})));
  BOOST_TEST(store->counters().commits == before);
}

BOOST_AUTO_TEST_CASE(the_map_grows_before_it_is_full) {
  auto store = open({.map_bytes = 256 * 1024});
  auto before = store->counters().map_bytes;
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(all_hold(store->commit(many(50, i * 50))));
  BOOST_TEST(store->counters().map_bytes > before);
  BOOST_TEST(walk(*store, {.limit = 1000}).size() == 1000U);
}

BOOST_AUTO_TEST_CASE(the_map_grows_in_the_middle_of_a_commit) {
  auto store = open({.map_bytes = 256 * 1024});
  change big{.deployments = {sample("one")}, .journal = {{"one", {}}}};
  for (int i = 0; i < 400; ++i)
    big.journal[0].events.push_back(log_line(std::string(limits::log_line_bytes, 'x')));
  std::vector<change> changes{
      {.deployments = {sample("two")}}, big, {.deployments = {sample("three")}}};
  auto before = store->counters().commits;
  BOOST_TEST(all_hold(store->commit(changes)));
  BOOST_TEST(store->counters().commits - before == 1U);
  BOOST_TEST(store->counters().map_bytes >= 400 * limits::log_line_bytes);
  BOOST_TEST(walk(*store, {}).size() == 3U);
  BOOST_TEST(store->journal("one", 400, plenty)->events.size() == 1U);
}

// As a backup is, in the middle of its reading.
// Fault: F8; hits: machine; at: any; holds: I9.
BOOST_AUTO_TEST_CASE(a_reader_that_was_killed_does_not_make_the_file_grow) {
  auto store = open();
  auto d = sample("one");
  auto write = [&] {
    auto kept = commit_one(*store, {.deployments = {d}});
    BOOST_REQUIRE(kept.has_value());
    d = kept->deployments.front();
  };
  write();
  std::array<int, 2> reading{};
  BOOST_REQUIRE(::pipe(reading.data()) == 0);
  const auto child = ::fork();
  if (child == 0) {
    auto beside = lmdb::environment::open(directory, {.access = lmdb::access::reader});
    auto held = beside ? (*beside)->read() : result<lmdb::transaction>{beside.error()};
    const char there = held ? '1' : '0';
    if (::write(reading[1], &there, 1) == 1)
      ::pause();
    ::_exit(1);
  }
  char there = 0;
  BOOST_REQUIRE(::read(reading[0], &there, 1) == 1);
  BOOST_REQUIRE(there == '1');
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (const int end : reading)
    ::close(end);
  write(); // what the dead reader had seen is free from here on
  auto before = bytes().size();
  for (int i = 0; i < 100; ++i)
    write();
  BOOST_TEST(bytes().size() - before < 100U * 4096U); // a commit writes several pages of 4 KiB
}

BOOST_AUTO_TEST_CASE(readers_in_other_threads_see_whole_commits_while_the_map_grows) {
  auto store = open({.map_bytes = 256 * 1024});
  constexpr std::size_t batch = 10;
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> pages = 0;
  auto read = [&] {
    std::size_t last = 0;
    while (!done) {
      auto page = store->history({.limit = 1000});
      bool good = page && page->deployments.size() % batch == 0 && page->deployments.size() >= last;
      last = page ? page->deployments.size() : 0;
      wrong += good ? 0 : 1;
      ++pages;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back(read);
  bool held = true;
  for (int i = 0; i < 60; ++i)
    held = held && all_hold(store->commit(many(batch, i * static_cast<int>(batch))));
  done = true;
  for (auto& reader : readers)
    reader.join();
  BOOST_TEST(held);
  BOOST_TEST(wrong == 0);
  BOOST_TEST(pages > 0);
  BOOST_TEST(store->counters().map_bytes > 256U * 1024U);
}

// --- damage

BOOST_AUTO_TEST_CASE(a_damaged_deployment_is_reported_by_its_id) {
  fill();
  damage(database::deployments, "one");
  auto store = open();
  BOOST_TEST(is_damage_of(store->find("one"), "deployments", "one"));
  BOOST_TEST(tells_of_damage(store->history({}), "one"));
  BOOST_TEST(is_damage_of(store->unfinished({}), "deployments", "one"));
  BOOST_TEST(is_damage_of(store->journal("one", 1, plenty), "deployments", "one"));
  auto results = store->commit(
      std::vector<change>{{.deployments = {sample("one", 1)}}, {.deployments = {sample("two")}}});
  BOOST_TEST(is_damage_of(results[0], "deployments", "one"));
  BOOST_TEST(results[1].has_value());
}

BOOST_AUTO_TEST_CASE(a_damaged_lane_is_reported_by_its_name) {
  fill();
  damage(database::lanes, schema::lane_key_of({"shop", "local"}));
  auto store = open();
  BOOST_TEST(is_damage_of(store->lane({"shop", "local"}), "lanes", "shop/local"));
  auto listed = store->lanes({}, {});
  BOOST_REQUIRE((listed.has_value() && listed->size() == 1U));
  BOOST_TEST(listed->front().lane.app == "shop");
  BOOST_TEST(listed->front().revision == 0U);
  auto known = store->recovery_snapshot();
  BOOST_REQUIRE(known.has_value());
  BOOST_TEST(known->lanes.empty());
  BOOST_TEST(known->unfinished.empty());
  BOOST_TEST(
      is_damage_of(result<int>{known->damaged.at({"shop", "local"})}, "lanes", "shop/local"));
}

BOOST_AUTO_TEST_CASE(what_a_damaged_deployment_is_to_do_is_left_out_and_other_lanes_stand) {
  fill();
  {
    auto store = open();
    keep(*store, sample("other", 5, {"blog", "local"}));
  }
  damage(database::deployments, "one");
  auto store = open();
  auto known = store->recovery_snapshot();
  BOOST_REQUIRE(known.has_value());
  BOOST_TEST(known->damaged.size() == 1U);
  BOOST_TEST(is_damage_of(result<int>{known->damaged.at({"shop", "local"})}, "deployments", "one"));
  BOOST_REQUIRE_EQUAL(known->unfinished.size(), 1U);
  BOOST_TEST(known->unfinished.front().id == "other");
}

BOOST_AUTO_TEST_CASE(a_damaged_version_is_reported_by_its_number) {
  fill();
  damage(database::versions, schema::version_key("shop", {1}));
  damage(database::version_counters, "shop");
  auto store = open();
  BOOST_TEST(is_damage_of(store->version("shop", {1}), "versions", "shop////\\x01"));
  BOOST_TEST(is_damage_of(store->versions("shop", 5, {}), "versions", "shop////\\x01"));
  auto two = sample("two");
  BOOST_TEST(
      is_damage_of(commit_one(*store, {.deployments = {two}, .version = sample_version(two)}),
                   "version_counters", "shop"));
}

BOOST_AUTO_TEST_CASE(a_damaged_request_is_reported_by_its_id) {
  fill();
  damage(database::requests, "request-one");
  BOOST_TEST(is_damage_of(open()->by_request("request-one"), "requests", "request-one"));
}

BOOST_AUTO_TEST_CASE(a_damaged_journal_is_reported_by_its_deployment) {
  fill();
  auto key = raw_file{directory}.first_key(database::journals);
  damage(database::journals, key);
  BOOST_TEST(is_damage_of(open()->journal("one", 1, plenty), "journals", "one////////\\x01"));
  damage(database::journal_heads, "one");
  BOOST_TEST(is_damage_of(open()->journal("one", 1, plenty), "journal_heads", "one"));
}

BOOST_AUTO_TEST_CASE(a_missing_batch_of_a_journal_is_reported) {
  fill();
  {
    auto store = open();
    BOOST_TEST(commit_one(*store, {.journal = {{"one", {log_line("c")}}}}).has_value());
  }
  raw_file{directory}.remove(database::journals, schema::journal_key("one", 1));
  auto store = open();
  BOOST_TEST(is_damage_of(store->journal("one", 2, plenty), "journals", "one////////\\x02"));
  BOOST_TEST(store->journal("one", 3, plenty)->events.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_deployment_that_only_an_index_knows_is_reported) {
  fill();
  raw_file{directory}.remove(database::deployments, "one");
  BOOST_TEST(tells_of_damage(open()->history({}), "one"));
}

BOOST_AUTO_TEST_CASE(a_damaged_format_is_reported) {
  fill();
  damage(database::meta, std::string{schema::meta_key});
  BOOST_TEST(is_damage_of(lmdb_store::open(directory), "meta", "format"));
}

BOOST_AUTO_TEST_SUITE_END()
