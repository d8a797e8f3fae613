#include "persistence/schema.hpp"

#include "test/persistence/samples.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::schema;
using pawl::test::at;

BOOST_AUTO_TEST_SUITE(schema_test)

BOOST_AUTO_TEST_CASE(numbers_are_ordered_as_bytes) {
  BOOST_TEST((big_endian<4>(0x01020304) == std::string{"\x01\x02\x03\x04"}));
  BOOST_TEST(from_big_endian(big_endian<8>(0xfedcba9876543210)) == 0xfedcba9876543210U);
  for (std::uint64_t n : {0ULL, 1ULL, 255ULL, 256ULL, 65'535ULL, 1ULL << 40U})
    BOOST_TEST((big_endian<8>(n) < big_endian<8>(n + 1)));
}

BOOST_AUTO_TEST_CASE(a_history_key_is_laid_out_as_the_table_says) {
  auto key = history_key({"shop", "local"}, timestamp{std::chrono::milliseconds{258}}, "id");
  BOOST_TEST((key == std::string{"shop\0local\0\0\0\0\0\0\0\x01\x02id", 21}));
  auto entry = parse_history_key(key);
  BOOST_REQUIRE(entry.has_value());
  BOOST_TEST((entry->lane == lane_key{"shop", "local"}));
  BOOST_TEST(entry->created_at.time_since_epoch().count() == 258);
  BOOST_TEST(entry->id == "id");
}

BOOST_AUTO_TEST_CASE(a_timeline_key_is_laid_out_as_the_table_says) {
  auto key = timeline_key("local", timestamp{std::chrono::milliseconds{258}}, "id");
  BOOST_TEST((key == std::string{"local\0\0\0\0\0\0\0\x01\x02id", 16}));
  BOOST_TEST((strand_prefix(database::timelines, key) == std::string{"local\0", 6}));
  BOOST_TEST(indexed_id(database::timelines, key).value() == "id");
  for (std::size_t size = 0; size < key.size() - 1; ++size)
    BOOST_TEST(!indexed_id(database::timelines, key.substr(0, size)).has_value());
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
  BOOST_TEST((history_key({"a", "b"}, before, "") == history_key({"a", "b"}, timestamp{}, "")));
}

BOOST_AUTO_TEST_SUITE_END()
