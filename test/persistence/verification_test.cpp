// Every kind of damage in a store is found, and reported for the damaged record.
#include "persistence/lmdb/verification.hpp"

#include "persistence/lmdb/lmdb_store.hpp"
#include "persistence/lmdb/records.hpp"
#include "persistence/lmdb/store_copy.hpp"
#include "test/persistence/raw_file.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <functional>

using namespace pawl;
using namespace pawl::test;
using schema::database;

namespace {

const lane_key shop{"shop", "local"};
const std::string shop_key = schema::lane_key_of(shop);

struct damaged_store {
  temporary_directory parent;
  std::filesystem::path directory = parent.path() / "store";

  // "one" serves, "two" is in flight; each with all that belongs to it.
  damaged_store() {
    auto store = *lmdb_store::open(directory);
    auto begun = [&](const std::string& id, std::int64_t ms, std::uint64_t revision) {
      return *commit_one(
          *store,
          {.deployments = {sample(id, ms)},
           .lane = lane_record{.lane = shop,
                               .active = ms == 1 ? std::nullopt : std::optional{"one"},
                               .last_created = at(ms),
                               .revision = revision},
           .journal = {{id, {{0, at(ms), state_event{state::preparing, {}}}, log_line("a", ms)}}},
           .hosts = {{"shop.localhost", shop}}});
    };
    BOOST_REQUIRE(commit_one(*store, {.token = sample_token("ci", 0)}).has_value());
    auto one = move(*store, begun("one", 1, 0).deployments.front(), state::building, 2);
    one = move(*store, one, state::pushing, 3);
    one.internals.artifact = "sha256:22";
    one.internals.settings = manifest{};
    auto built = *commit_one(*store, {.deployments = {one}, .version = sample_version(one)});
    one = move(*store, built.deployments.front(), state::activating, 4);
    auto lane = *store->lane(shop);
    lane.active = "one";
    auto active = *advance(one, state::active, at(5), "pawl");
    active.finished_at = at(5);
    auto kept =
        commit_one(*store, {.deployments = {active},
                            .lane = lane,
                            .journal = {{"one", {{0, at(5), state_event{state::active, {}}}}}}});
    BOOST_REQUIRE(kept.has_value());
    begun("two", 10, 2);
  }

  std::vector<breach> found() const {
    std::vector<breach> all;
    auto read = verify_store(directory, [&](const breach& one) { all.push_back(one); });
    BOOST_REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
    return all;
  }

  // Something is found, of this invariant and of this record.
  void check(invariant which, const std::string& record) const {
    auto all = found();
    auto said = std::any_of(all.begin(), all.end(), [&](const breach& one) {
      return one.invariant == which && one.record == record && !one.problem.empty();
    });
    std::string heard;
    for (const auto& one : all)
      heard += one.record + ": " + one.problem + "\n";
    BOOST_TEST(said, record << " is not told of:\n" << heard);
  }

  // Writes a record that verifies, and is wrong.
  template <class T>
  void change_record(database db, const std::string& key,
                     const std::function<void(T&)>& how) const {
    raw_file file{directory};
    auto value = *records::decode<T>(key, file.get(db, key));
    how(value);
    file.put(db, key, records::encode(key, value));
  }

  void remove(database db, const std::string& key) const { raw_file{directory}.remove(db, key); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(verification_test, damaged_store)

BOOST_AUTO_TEST_CASE(a_sound_store_has_nothing_wrong_and_is_counted) {
  std::vector<breach> all;
  auto read = verify_store(directory, [&](const breach& one) { all.push_back(one); });
  BOOST_REQUIRE(read.has_value());
  for (const auto& one : all)
    BOOST_ERROR(one.record << ": " << one.problem);
  BOOST_TEST(read->deployments == 2U);
  BOOST_TEST(read->events == 8U);
  BOOST_TEST(read->lanes == 1U);
  BOOST_TEST(read->versions == 1U);
  BOOST_TEST(read->going_on.size() == 2U);
}

BOOST_AUTO_TEST_CASE(verifying_writes_nothing) {
  auto bytes = [&] {
    std::ifstream in{directory / "data.mdb", std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{in}, {}};
  };
  auto before = bytes();
  auto time = std::filesystem::last_write_time(directory / "lock.mdb");
  found();
  BOOST_TEST(bytes() == before);
  BOOST_TEST(std::filesystem::last_write_time(directory / "lock.mdb") == time);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_of_any_record_is_found) {
  const std::vector<std::pair<database, std::string>> places{
      {database::deployments, "one"},
      {database::lanes, shop_key},
      {database::versions, schema::version_key("shop", {1})},
      {database::version_counters, "shop"},
      {database::requests, "request-one"},
      {database::journals, schema::journal_key("one", 1)},
      {database::journal_heads, "one"},
      {database::hosts, "shop.localhost"},
      {database::tokens, "ci"}};
  for (const auto& [db, key] : places) {
    std::string sound;
    {
      raw_file file{directory};
      sound = file.get(db, key);
      auto value = sound;
      value.back() = static_cast<char>(value.back() ^ 1);
      file.put(db, key, value);
    }
    check(invariant::records_are_sound,
          std::string{schema::info(db).name} + "/" + records::printable(db, key));
    raw_file{directory}.put(db, key, sound);
  }
  BOOST_TEST(found().empty());
}

BOOST_AUTO_TEST_CASE(a_state_that_no_transition_led_to_is_found) {
  change_record<deployment>(database::deployments, "two", [](deployment& d) {
    d.transitions.push_back({state::activating, at(11), "pawl"});
  });
  check(invariant::only_legal_moves, "deployments/two");
}

BOOST_AUTO_TEST_CASE(a_journal_with_a_gap_a_double_or_another_story_is_found) {
  using batch = records::journal_batch;
  const auto first = schema::journal_key("two", 1);
  change_record<batch>(database::journals, first, [](batch& b) { b.events.back().seq = 3; });
  check(invariant::only_legal_moves, "deployments/two");
  change_record<batch>(database::journals, first, [](batch& b) { b.events.back().seq = 1; });
  check(invariant::only_legal_moves, "deployments/two");
  change_record<batch>(database::journals, first, [](batch& b) {
    b.events.back().seq = 2;
    b.events.front().body = state_event{state::queued, {}};
  });
  check(invariant::only_legal_moves, "deployments/two");
}

BOOST_AUTO_TEST_CASE(a_lane_with_two_that_serve_or_none_that_should_is_found) {
  change_record<lane_record>(database::lanes, shop_key,
                             [](lane_record& lane) { lane.active = "two"; });
  check(invariant::one_active_and_one_in_flight, "lanes/shop/local");
  change_record<lane_record>(database::lanes, shop_key,
                             [](lane_record& lane) { lane.active = "gone"; });
  check(invariant::one_active_and_one_in_flight, "lanes/shop/local");
}

BOOST_AUTO_TEST_CASE(a_lane_that_is_older_than_its_deployments_is_found) {
  change_record<lane_record>(database::lanes, shop_key,
                             [](lane_record& lane) { lane.last_created = at(2); });
  check(invariant::order_of_time, "lanes/shop/local");
}

BOOST_AUTO_TEST_CASE(whatever_an_index_misses_or_has_too_much_is_found) {
  const auto place = schema::history_key(shop, at(10), "two");
  remove(database::unfinished, place);
  check(invariant::all_goes_on, "deployments/two");
  raw_file{directory}.put(database::unfinished, place, {});
  raw_file{directory}.put(database::unfinished, schema::history_key(shop, at(1), "one"), {});
  check(invariant::all_goes_on, "deployments/one");
  remove(database::history, place);
  check(invariant::history_is_whole, "deployments/two");
  raw_file{directory}.put(database::history, place, {});
  const auto in_timeline = schema::timeline_key("local", at(10), "two");
  remove(database::timelines, in_timeline);
  check(invariant::history_is_whole, "deployments/two");
  raw_file{directory}.put(database::timelines, in_timeline, {});
  const auto elsewhere = schema::timeline_key("far", at(10), "two");
  raw_file{directory}.put(database::timelines, elsewhere, {});
  check(invariant::history_is_whole,
        "timelines/" + records::printable(database::timelines, elsewhere));
  remove(database::timelines, elsewhere);
  remove(database::ids, "two");
  check(invariant::history_is_whole, "deployments/two");
  raw_file{directory}.put(database::ids, "two", {});
  raw_file{directory}.put(database::ids, "three", {});
  check(invariant::history_is_whole, "ids/three");
  remove(database::ids, "three");
  remove(database::deployments, "two");
  check(invariant::history_is_whole,
        "unfinished/" + records::printable(database::unfinished, place));
}

BOOST_AUTO_TEST_CASE(a_request_that_leads_elsewhere_is_found) {
  change_record<records::request_claim>(
      database::requests, "request-two",
      [](records::request_claim& claim) { claim.deployment = "one"; });
  check(invariant::one_request_one_deployment, "deployments/two");
}

BOOST_AUTO_TEST_CASE(a_version_that_is_gone_or_would_be_given_twice_is_found) {
  change_record<records::version_counter>(
      database::version_counters, "shop",
      [](records::version_counter& counter) { counter.last = version_number{0}; });
  check(invariant::history_is_whole, "version_counters/shop");
  remove(database::versions, schema::version_key("shop", {1}));
  check(invariant::history_is_whole, "deployments/one");
}

BOOST_AUTO_TEST_CASE(a_store_in_use_is_not_verified) {
  auto store = *lmdb_store::open(directory);
  auto read = verify_store(directory, [](const breach&) {});
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST(to_string(read.error().code) == "unavailable");
}

BOOST_AUTO_TEST_CASE(a_directory_without_a_store_is_refused_and_stays_as_it_is) {
  auto read = verify_store(parent.path() / "nothing", [](const breach&) {});
  BOOST_REQUIRE(!read.has_value());
  BOOST_TEST(to_string(read.error().code) == "not_found");
  BOOST_TEST(!std::filesystem::exists(parent.path() / "nothing"));
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_store_in_use_is_sound_and_whole) {
  auto store = *lmdb_store::open(directory);
  auto copy = parent.path() / "copy";
  std::filesystem::create_directory(copy);
  auto copied = copy_store(directory, copy);
  BOOST_REQUIRE_MESSAGE(copied.has_value(), (copied ? "" : copied.error().message));
  move(*store, *store->find("two"), state::building, 20);
  std::vector<breach> all;
  auto read = verify_store(copy, [&](const breach& one) { all.push_back(one); });
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(all.empty());
  BOOST_TEST(read->deployments == 2U);
  BOOST_TEST(to_string(read->going_on.back().state) == "preparing");
}

BOOST_AUTO_TEST_CASE(a_token_under_another_name_or_with_a_grant_that_cannot_be_is_found) {
  change_record<token_record>(database::tokens, "ci",
                              [](token_record& token) { token.name = "cd"; });
  check(invariant::records_are_sound, "tokens/ci");
  change_record<token_record>(database::tokens, "ci", [](token_record& token) {
    token.name = "ci";
    token.grant.apps = {"No App"};
  });
  check(invariant::records_are_sound, "tokens/ci");
}

BOOST_AUTO_TEST_CASE(a_host_name_of_a_lane_that_is_gone_or_under_another_name_is_found) {
  change_record<host_claim>(database::hosts, "shop.localhost",
                            [](host_claim& claim) { claim.lane.cluster = "moon"; });
  check(invariant::history_is_whole, "hosts/shop.localhost");
  change_record<host_claim>(database::hosts, "shop.localhost", [](host_claim& claim) {
    claim = {"blog.localhost", shop};
  });
  check(invariant::records_are_sound, "hosts/shop.localhost");
}

BOOST_AUTO_TEST_SUITE_END()
