// Names that people give, and identifiers that the server gives.
#include "lifecycle/limits.hpp"
#include "lifecycle/names.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <random>
#include <set>

namespace {

using namespace pawl;

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(a_name_is_lower_case_letters_digits_and_inner_hyphens) {
  for (auto name : {"a", "7", "shop", "shop-2", "a--b", "0a"})
    BOOST_TEST(check_name("app", name).has_value(), name);
  for (auto name : {"", "-", "-a", "a-", "Shop", "a.b", "a_b", "a b", "a/b", "..", "caf\xc3\xa9"})
    BOOST_TEST(!check_name("app", name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(a_name_with_a_zero_byte_or_a_line_feed_is_refused) {
  BOOST_TEST(!check_name("app", std::string_view{"a\0b", 3}).has_value());
  BOOST_TEST(!check_name("app", "a\n").has_value());
}

BOOST_AUTO_TEST_CASE(a_name_has_at_most_forty_characters) {
  BOOST_TEST(limits::name_bytes == 40U);
  BOOST_TEST(check_name("cluster", std::string(40, 'a')).has_value());
  auto refused = check_name("cluster", std::string(100'000, 'a'));
  BOOST_REQUIRE(!refused);
  BOOST_TEST(to_string(refused.error().code) == "invalid_argument");
  BOOST_TEST(refused.error().message.size() < 300U);
  BOOST_TEST(refused.error().details.at("cluster").size() == 40U);
}

BOOST_AUTO_TEST_CASE(versions_are_written_with_a_v_and_read_with_or_without) {
  BOOST_TEST(to_string(version_number{12}) == "v12");
  BOOST_TEST(parse_version("v7") == version_number{7});
  BOOST_TEST(parse_version("7") == version_number{7});
  BOOST_TEST(parse_version("4294967295") == version_number{4294967295U});
}

BOOST_AUTO_TEST_CASE(what_is_not_a_version_is_not_parsed) {
  for (auto text : {"", "v", "v0", "0", "v07", "-1", "+1", "vv1", "V1", "1.0", "v1 ", " v1",
                    "4294967296", "v99999999999999999999", "latest"})
    BOOST_TEST(!parse_version(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(every_written_version_is_read_back) {
  for (std::uint32_t n : {1U, 9U, 10U, 4096U, std::numeric_limits<std::uint32_t>::max()})
    BOOST_TEST(parse_version(to_string(version_number{n})) == version_number{n});
}

BOOST_AUTO_TEST_CASE(versions_are_ordered_by_number_not_by_text) {
  BOOST_TEST(version_number{9} < version_number{10});
}

BOOST_AUTO_TEST_CASE(a_request_id_is_printable_ascii_without_spaces) {
  BOOST_TEST(check_request_id("ci-run-1234/deploy#2").has_value());
  BOOST_TEST(check_request_id(std::string(64, 'x')).has_value());
  for (auto id : {"", "a b", "a\tb", "a\n", "\x7f", "\xc3\xa9"})
    BOOST_TEST(!check_request_id(id).has_value(), id);
  BOOST_TEST(!check_request_id(std::string(65, 'x')).has_value());
}

timestamp at(std::int64_t ms) {
  return timestamp{std::chrono::milliseconds{ms}};
}

BOOST_AUTO_TEST_CASE(an_id_has_seventeen_characters_that_can_be_read_aloud) {
  std::mt19937_64 random{20240501};
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    auto id = make_deployment_id(at(1'795'000'000'000), random());
    BOOST_TEST(id.size() == 17U);
    BOOST_TEST(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz") == std::string::npos, id);
    BOOST_TEST(is_deployment_id_prefix(id));
    seen.insert(id);
  }
  BOOST_TEST(seen.size() == 1000U);
}

BOOST_AUTO_TEST_CASE(each_of_an_ids_forty_random_bits_and_forty_five_of_time_changes_it) {
  std::set<std::string> seen{make_deployment_id({}, 0)};
  for (unsigned bit = 0; bit < 40; ++bit)
    seen.insert(make_deployment_id({}, std::uint64_t{1} << bit));
  for (unsigned bit = 0; bit < 45; ++bit)
    seen.insert(make_deployment_id(at(std::int64_t{1} << bit), 0));
  BOOST_TEST(seen.size() == 86U);
  BOOST_TEST(make_deployment_id({}, std::uint64_t{1} << 40U) == make_deployment_id({}, 0));
}

BOOST_AUTO_TEST_CASE(ids_begin_with_what_is_random_and_end_with_their_time_in_its_order) {
  BOOST_TEST(make_deployment_id({}, 0) == "00000000000000000");
  BOOST_TEST(make_deployment_id(at(33), 1) == "10000000000000011");
  BOOST_TEST(make_deployment_id(at(-5), 1) == make_deployment_id({}, 1));
  auto before = make_deployment_id({}, 7).substr(8);
  for (std::int64_t ms : {1L, 31L, 32L, 1'000'000L, 1'795'000'000'000L}) {
    auto time = make_deployment_id(at(ms), 7).substr(8);
    BOOST_TEST(before < time);
    before = time;
  }
}

BOOST_AUTO_TEST_CASE(a_prefix_of_an_id_is_one_to_seventeen_of_its_characters) {
  for (auto text : {"0", "z", "0123456789abcdefg"})
    BOOST_TEST(is_deployment_id_prefix(text), text);
  for (auto text : {"", "i", "l", "o", "u", "A", "0123456789abcdef01", "a b", "../x"})
    BOOST_TEST(!is_deployment_id_prefix(text), text);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
