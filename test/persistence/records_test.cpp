#include "persistence/lmdb/records.hpp"

#include "lifecycle/secret.hpp"
#include "protocol/msgpack/packing.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace pawl;
using namespace pawl::records;
using namespace pawl::test;

BOOST_AUTO_TEST_SUITE(records_test)

namespace {

template <class T>
T full();

template <>
meta_record full() {
  return {};
}
template <>
deployment full() {
  return full_sample("one");
}
template <>
lane_record full() {
  return {{"shop", "local"}, "one", at(5), 9, at(6)};
}
template <>
version_record full() {
  auto version = sample_version(full_sample("one"));
  version.number = {7};
  version.settings.health.path = "/healthz";
  return version;
}
template <>
version_counter full() {
  return {{7}};
}
template <>
request_claim full() {
  return {"one"};
}
template <>
journal_batch full() {
  std::string all_bytes;
  for (int c = 0; c < 256; ++c)
    all_bytes.push_back(static_cast<char>(c));
  return {{{1, at(1),
            state_event{state::failed, failure{errc::build_failed, "m", {}, state::building}}},
           {2, at(2), progress_event{"upload", 1, 2, "bytes"}},
           {3, at(3), log_event{"build", "stderr", all_bytes}},
           {4, at(4), health_event{"one-1", true, "200"}},
           {5, at(5), warning_event{"slow"}}}};
}
template <>
journal_head full() {
  return {5, 1000, 2};
}
template <>
host_claim full() {
  return {"shop.example.com", {"shop", "local"}};
}
template <>
token_record full() {
  return sample_token("ci");
}

// No record can hold a secret.
template <class T>
concept can_be_packed = requires(msgpack::writer& out, const T& x) {
  msgpack::pack(out, x);
};
static_assert(can_be_packed<std::string> && !can_be_packed<secret>);

using record_types =
    boost::mpl::list<meta_record, deployment, lane_record, version_record, version_counter,
                     request_claim, journal_batch, journal_head, host_claim, token_record>;

constexpr std::string_view key = "the/key";

template <class T>
bool is_corrupt(std::string_view bytes, std::string_view under = key) {
  auto value = decode<T>(under, bytes);
  return !value && value.error().code == errc::data_corruption &&
         value.error().message.find(under) != std::string::npos &&
         value.error().details.at("record") == under;
}

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_is_read_as_it_was_written, T, record_types) {
  auto value = decode<T>(key, encode(key, full<T>()));
  BOOST_REQUIRE(value.has_value());
  BOOST_TEST(*value == full<T>());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_cut_at_any_byte_is_an_error, T, record_types) {
  auto bytes = encode(key, full<T>());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    BOOST_TEST_REQUIRE(is_corrupt<T>(std::string_view{bytes}.substr(0, size)));
  BOOST_TEST(is_corrupt<T>(bytes + '\0'));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_with_any_byte_changed_is_an_error, T, record_types) {
  auto bytes = encode(key, full<T>());
  for (auto& c : bytes) {
    auto good = c;
    for (int flip : {0x01, 0x80, 0xff, 0x2a}) {
      c = static_cast<char>(good ^ flip);
      BOOST_TEST_REQUIRE(is_corrupt<T>(bytes));
    }
    c = good;
  }
  BOOST_TEST(!is_corrupt<T>(bytes));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_in_anothers_place_is_an_error, T, record_types) {
  BOOST_TEST(is_corrupt<T>(encode("another", full<T>())));
}

BOOST_AUTO_TEST_CASE(a_record_of_another_kind_is_an_error) {
  BOOST_TEST(is_corrupt<lane_record>(encode(key, journal_head{1})));
  BOOST_TEST(is_corrupt<journal_head>(encode(key, version_counter{{1}})));
}

BOOST_AUTO_TEST_CASE(a_record_with_a_value_out_of_range_is_an_error) {
  BOOST_TEST(is_corrupt<version_counter>(encode(key, version_counter{{0}})));
  auto d = full_sample("one");
  d.updated_at = timestamp{std::chrono::milliseconds{-1}};
  BOOST_TEST(is_corrupt<deployment>(encode(key, d)));
}

// The bytes that format 1 stores: if this fails, old stores cannot be read.
BOOST_AUTO_TEST_CASE(the_format_stays_as_it_is) {
  auto bytes = encode("one", version_counter{{5}});
  std::string hex;
  for (char c : bytes)
    hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  BOOST_TEST(hex == "ab25f56b060181a46c61737405");
  BOOST_TEST(decode<version_counter>("one", bytes)->last == version_number{5});
}

// As format 3 stored it: what it did not count is 0.
BOOST_AUTO_TEST_CASE(a_head_without_its_bytes_is_read) {
  constexpr std::string_view stored{"\xd4\x36\xc9\xe6\x09\x01\x81\xa4last\x05", 13};
  auto head = decode<journal_head>("one", stored);
  BOOST_REQUIRE(head.has_value());
  BOOST_TEST((*head == journal_head{5, 0, 0}));
}

BOOST_AUTO_TEST_CASE(an_unprintable_key_is_named_readably) {
  auto damaged = decode<journal_batch>(std::string_view{"one\0\x01", 5}, "");
  BOOST_REQUIRE(!damaged.has_value());
  BOOST_TEST(damaged.error().details.at("record") == "one/\\x01");
  BOOST_TEST(damaged.error().details.at("database") == "journals");
}

BOOST_AUTO_TEST_SUITE_END()
