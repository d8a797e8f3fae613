#include "persistence/lmdb/schema.hpp"

#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::schema;
using pawl::test::at;

// Boost.Test takes the shorter of two strings for the lesser one; the language's own < stands in a
// second pair of parentheses.
BOOST_AUTO_TEST_SUITE(schema_test)

BOOST_AUTO_TEST_CASE(numbers_are_ordered_as_bytes) {
  BOOST_TEST(big_endian<4>(0x01020304) == std::string{"\x01\x02\x03\x04"});
  BOOST_TEST(from_big_endian(big_endian<8>(0xfedcba9876543210)) == 0xfedcba9876543210U);
  for (std::uint64_t n : {0ULL, 1ULL, 255ULL, 256ULL, 65'535ULL, 1ULL << 40U})
    BOOST_TEST((big_endian<8>(n) < big_endian<8>(n + 1)));
}

BOOST_AUTO_TEST_CASE(a_history_key_is_laid_out_as_the_table_says) {
  auto key = history_key({"shop", "local"}, timestamp{std::chrono::milliseconds{258}}, "id");
  BOOST_TEST(key == (std::string{"shop\0local\0\0\0\0\0\0\0\x01\x02id", 21}));
  auto entry = parse_history_key(key);
  BOOST_REQUIRE(entry.has_value());
  BOOST_TEST(entry->lane == (lane_key{"shop", "local"}));
  BOOST_TEST(entry->created_at.time_since_epoch().count() == 258);
  BOOST_TEST(entry->id == "id");
}

BOOST_AUTO_TEST_CASE(a_timeline_key_is_laid_out_as_the_table_says) {
  auto key = timeline_key("local", timestamp{std::chrono::milliseconds{258}}, "id");
  BOOST_TEST(key == (std::string{"local\0\0\0\0\0\0\0\x01\x02id", 16}));
  BOOST_TEST(strand_prefix(database::timelines, key) == (std::string{"local\0", 6}));
  BOOST_TEST(indexed_id(database::timelines, key).value() == "id");
  for (std::size_t size = 0; size < key.size() - 1; ++size)
    BOOST_TEST(!indexed_id(database::timelines, key.substr(0, size)).has_value());
}

BOOST_AUTO_TEST_CASE(a_deployments_key_begins_with_the_time_of_its_id) {
  const auto id = make_deployment_id(at(5), 0x123456789a);
  const auto key = deployment_key(id);
  BOOST_TEST(key == "~" + id.substr(8) + id.substr(0, 8));
  BOOST_TEST(id_of_key(key) == id);
  BOOST_TEST((key < deployment_key(make_deployment_id(at(6), 0))));
  BOOST_TEST(journal_key(id, 1) == (key + std::string{"\0\0\0\0\0\0\0\0\x01", 9}));
  BOOST_TEST(owner_of(journal_key(id, 1)) == id);
  BOOST_TEST(owner_of(key) == id);
}

// Sixteen random characters were all that ids had, and tests have theirs.
BOOST_AUTO_TEST_CASE(any_other_id_is_its_own_key_and_stands_before_all_with_a_time) {
  for (std::string id : {"k5td542jt12wedsa", "zzzzzzzzzzzzzzzz", "one", "zzzzzzzzzzzzzzzzzz"}) {
    BOOST_TEST(deployment_key(id) == id);
    BOOST_TEST(id_of_key(id) == id);
    BOOST_TEST(owner_of(journal_key(id, 7)) == id);
    BOOST_TEST((deployment_key(id) < deployment_key(make_deployment_id(timestamp{}, 0))));
  }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_history_key_are_nothing) {
  auto key = history_key({"shop", "local"}, at(0), "i");
  for (std::size_t size = 0; size < key.size(); ++size)
    BOOST_TEST(!parse_history_key(key.substr(0, size)).has_value());
}

BOOST_AUTO_TEST_CASE(the_keys_of_a_lane_stand_together) {
  const lane_key lane{"a", "b"};
  for (const lane_key& other : {lane_key{"a", "b-c"}, lane_key{"a", "b0"}, lane_key{"a-b", "b"}}) {
    BOOST_TEST((history_key(lane, timestamp::max(), "z") < after_strand(lane_prefix(lane))));
    BOOST_TEST((after_strand(lane_prefix(lane)) < history_key(other, at(0), "0")));
  }
  BOOST_TEST((history_key({"a", "a-b"}, at(0), "0") < lane_prefix(lane)));
}

BOOST_AUTO_TEST_CASE(a_time_before_1970_sorts_as_1970) {
  auto before = timestamp{std::chrono::milliseconds{-1}};
  BOOST_TEST(history_key({"a", "b"}, before, "") == history_key({"a", "b"}, timestamp{}, ""));
}

BOOST_AUTO_TEST_SUITE_END()
