#include "protocol/msgpack/codec.hpp"

#include "lifecycle/limits.hpp"
#include "protocol/msgpack/msgpack.hpp"
#include "test/protocol/sample_messages.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <sys/resource.h>

namespace {

using namespace pawl;
using namespace pawl::protocol;
using msgpack::writer;

constexpr std::uint32_t seeds = 20;

std::vector<char> frame_of(const message& body, std::uint64_t ref = 7) {
  auto frame = encode({ref, body});
  BOOST_REQUIRE_MESSAGE(frame, (frame ? "" : frame.error().message));
  return *std::move(frame);
}

std::vector<char> body_of(const message& body) {
  auto frame = frame_of(body);
  return {frame.begin() + 4, frame.end()};
}

// {"kind": kind, "ref": 1, "body": …}, its last value to be written by the caller.
void begin_frame(writer& out, std::string_view kind) {
  out.map(3);
  out.string("kind");
  out.string(kind);
  out.string("ref");
  out.unsigned_integer(1);
  out.string("body");
}

void expect_refused(std::span<const char> body, errc code) {
  auto decoded = decode(body);
  BOOST_REQUIRE(!decoded);
  BOOST_TEST(to_string(decoded.error().code) == to_string(code));
  BOOST_TEST(!decoded.error().message.empty());
}

std::array<char, 4> header(std::uint32_t length) {
  std::array<char, 4> bytes{};
  for (std::size_t i = 0; i < 4; ++i)
    bytes[i] = static_cast<char>(static_cast<unsigned char>(length >> (8 * (3 - i))));
  return bytes;
}

// Every byte of usual messages, and some thousand places of the long lists, whose parts are the
// same.
std::size_t stride(const std::vector<char>& body) {
  return 1 + body.size() / 1500;
}

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

} // namespace

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(every_kind_with_every_field_set_comes_back_as_it_went) {
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    for (const auto& sample : test::sample_maker{seed}.one_of_each()) {
      BOOST_TEST_CONTEXT("seed " << seed << ", " << kind(sample)) {
        auto frame = frame_of(sample, seed);
        auto length = body_length(std::span<const char, 4>{frame.data(), 4});
        BOOST_REQUIRE(length);
        BOOST_TEST(*length == frame.size() - 4);
        auto decoded = decode(std::span{frame}.subspan(4));
        BOOST_REQUIRE_MESSAGE(decoded, (decoded ? "" : decoded.error().message));
        BOOST_TEST(decoded->ref == seed);
        BOOST_TEST(decoded->body.index() == sample.index());
        BOOST_CHECK(frame_of(decoded->body, seed) == frame);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_and_events_are_equal_after_the_journey) {
  for (const auto& sample : test::sample_maker{3}.one_of_each()) {
    auto decoded = decode(body_of(sample));
    BOOST_REQUIRE(decoded);
    if (const auto* sent = std::get_if<shown>(&sample))
      BOOST_CHECK(std::get<shown>(decoded->body).deployment == sent->deployment);
    if (const auto* sent = std::get_if<events>(&sample))
      BOOST_CHECK(std::get<events>(decoded->body).list == sent->list);
    if (const auto* sent = std::get_if<upload_chunk>(&sample))
      BOOST_CHECK(std::get<upload_chunk>(decoded->body).bytes == sent->bytes);
  }
}

BOOST_AUTO_TEST_CASE(every_kind_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (const auto& sample : test::sample_maker{1}.one_of_each())
    names.insert(kind(sample));
  BOOST_TEST(names.size() == std::variant_size_v<message>);
  BOOST_TEST(kind(message{deploy_request{}}) == "deploy_request");
  BOOST_TEST(kind(message{cluster_list{}}) == "cluster_list");
  BOOST_TEST(kind(message{refused{}}) == "refused");
  BOOST_TEST(kind(message{history_request{}}) == "history_request");
}

BOOST_AUTO_TEST_CASE(a_body_cut_at_any_byte_is_an_error) {
  for (const auto& sample : test::sample_maker{2}.one_of_each()) {
    auto body = body_of(sample);
    for (std::size_t size = 0; size < body.size(); size += stride(body))
      BOOST_REQUIRE_MESSAGE(!decode(std::span{body}.first(size)), kind(sample)
                                                                      << " cut at " << size);
  }
}

BOOST_AUTO_TEST_CASE(a_flipped_byte_gives_an_error_or_a_message_that_can_be_sent_again) {
  std::size_t refusals = 0;
  for (const auto& sample : test::sample_maker{4}.one_of_each()) {
    auto body = body_of(sample);
    for (std::size_t at = 0; at < body.size(); at += stride(body)) {
      for (unsigned flip : {0x01U, 0x80U, 0xffU}) {
        auto damaged = body;
        damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
        auto decoded = decode(damaged);
        refusals += decoded ? 0 : 1;
        if (decoded) {
          BOOST_REQUIRE(check(decoded->body));
          BOOST_REQUIRE(encode(*decoded));
        }
      }
    }
  }
  BOOST_TEST(refusals > 0U);
}

BOOST_AUTO_TEST_CASE(random_bytes_are_errors) {
  std::mt19937 random{11};
  for (int round = 0; round < 20'000; ++round) {
    std::vector<char> bytes(random() % 200);
    for (char& byte : bytes)
      byte = static_cast<char>(random() & 0xffU);
    BOOST_REQUIRE(!decode(bytes));
  }
}

BOOST_AUTO_TEST_CASE(bytes_after_the_message_are_an_error) {
  auto body = body_of(ping{});
  body.push_back('\xc0');
  expect_refused(body, errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_length_of_zero_or_over_the_limit_is_refused_before_anything_is_read) {
  auto zero = body_length(header(0));
  BOOST_REQUIRE(!zero);
  BOOST_CHECK(zero.error().code == errc::invalid_argument);
  for (auto length : {static_cast<std::uint32_t>(limits::frame_bytes) + 1, 0xffffffffU}) {
    auto over = body_length(header(length));
    BOOST_REQUIRE(!over);
    BOOST_CHECK(over.error().code == errc::too_large);
  }
  auto most = body_length(header(static_cast<std::uint32_t>(limits::frame_bytes)));
  BOOST_REQUIRE(most);
  BOOST_TEST(*most == limits::frame_bytes);
}

BOOST_AUTO_TEST_CASE(an_unknown_kind_is_an_error_that_shows_no_control_characters) {
  writer out;
  begin_frame(out, "dance\x1b[31m");
  out.map(0);
  auto decoded = decode(out.take());
  BOOST_REQUIRE(!decoded);
  BOOST_TEST(decoded.error().message.find("dance?[31m") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_field_is_ignored) {
  writer out;
  out.map(4);
  out.string("kind");
  out.string("show_request");
  out.string("ref");
  out.unsigned_integer(9);
  out.string("body");
  out.map(2);
  out.string("mood");
  out.array(1);
  out.string("sunny");
  out.string("deployment");
  out.string("abc");
  out.string("weather");
  out.boolean(true);
  auto decoded = decode(out.take());
  BOOST_REQUIRE(decoded);
  BOOST_TEST(decoded->ref == 9U);
  BOOST_TEST(std::get<show_request>(decoded->body).deployment == "abc");
}

// The order of our own lists is only faster. A name in a longer form than it needs (d9 and a byte
// of length) is the same name.
BOOST_AUTO_TEST_CASE(fields_are_read_in_any_order_and_form) {
  writer out;
  out.map(3);
  out.string("body");
  out.map(4);
  out.string("limit");
  out.unsigned_integer(7);
  out.string("cluster");
  out.string("local");
  out.string("limit");
  out.unsigned_integer(8);
  auto frame = out.take();
  for (char byte : std::string_view{"\xd9\x03"
                                    "app"
                                    "\xa4shop"})
    frame.push_back(byte);
  out.string("ref");
  out.unsigned_integer(9);
  out.string("kind");
  out.string("history_request");
  auto rest = out.take();
  frame.insert(frame.end(), rest.begin(), rest.end());
  auto decoded = decode(frame);
  BOOST_REQUIRE_MESSAGE(decoded, (decoded ? "" : decoded.error().message));
  BOOST_TEST(decoded->ref == 9U);
  const auto& request = std::get<history_request>(decoded->body);
  BOOST_TEST(request.app.value() == "shop");
  BOOST_TEST(request.cluster.value() == "local");
  BOOST_TEST(request.limit == 8U); // the last of two
}

BOOST_AUTO_TEST_CASE(a_problem_in_a_body_that_stands_before_its_kind_is_found) {
  writer out;
  out.map(3);
  out.string("body");
  out.map(1);
  out.string("limit");
  out.string("many");
  out.string("kind");
  out.string("history_request");
  out.string("ref");
  out.unsigned_integer(9);
  expect_refused(out.take(), errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_frame_without_kind_ref_or_body_is_an_error) {
  for (int missing = 0; missing < 3; ++missing) {
    writer out;
    out.map(2);
    if (missing != 0) {
      out.string("kind");
      out.string("ping");
    }
    if (missing != 1) {
      out.string("ref");
      out.unsigned_integer(0);
    }
    if (missing != 2) {
      out.string("body");
      out.map(0);
    }
    expect_refused(out.take(), errc::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_field_of_another_type_is_an_error) {
  writer out;
  begin_frame(out, "show_request");
  out.map(1);
  out.string("deployment");
  out.unsigned_integer(12);
  expect_refused(out.take(), errc::invalid_argument);
  begin_frame(out, "follow_request");
  out.map(2);
  out.string("deployment");
  out.string("abc");
  out.string("from");
  out.integer(-1);
  expect_refused(out.take(), errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_no_map_is_an_error) {
  writer out;
  begin_frame(out, "ping");
  out.array(0);
  expect_refused(out.take(), errc::invalid_argument);
  out.array(1);
  out.nil();
  expect_refused(out.take(), errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(nesting_beyond_the_limit_is_an_error) {
  writer out;
  begin_frame(out, "ping");
  out.map(1);
  out.string("x");
  for (int depth = 0; depth < 100'000; ++depth)
    out.array(1);
  out.nil();
  BOOST_TEST(!decode(out.take()));
}

BOOST_AUTO_TEST_CASE(a_container_of_too_many_members_is_an_error) {
  writer out;
  begin_frame(out, "ping");
  out.map(1);
  out.string("x");
  out.array(limits::frame_elements + 1);
  for (std::size_t i = 0; i <= limits::frame_elements; ++i)
    out.nil();
  BOOST_TEST(!decode(out.take()));
}

BOOST_AUTO_TEST_CASE(lengths_that_are_claimed_and_not_sent_take_no_memory) {
  auto before = peak_kib();
  for (int type : {0xdb, 0xc6, 0xdd, 0xdf}) { // str 32, bin 32, array 32, map 32
    writer out;
    begin_frame(out, "ping");
    auto body = out.take();
    body.push_back(static_cast<char>(type));
    body.insert(body.end(), {'\x7f', '\xff', '\xff', '\xff'});
    BOOST_TEST(!decode(body));
  }
  BOOST_TEST(peak_kib() - before < 8 * 1024);
}

// A byte stands for an empty record: without the bound on containers this frame would become some
// 700 MiB of deployments. Until the bound is reached it becomes what a frame may become that keeps
// it; the address sanitizer also holds on to what a growing list has given back.
BOOST_AUTO_TEST_CASE(many_empty_records_in_a_small_frame_take_little_memory) {
  auto before = peak_kib();
  writer out;
  begin_frame(out, "lane_list");
  out.map(1);
  out.string("lanes");
  constexpr std::size_t lanes = 50;
  constexpr std::size_t queued = 19'000;
  out.array(lanes);
  for (std::size_t i = 0; i < lanes; ++i) {
    out.map(1);
    out.string("queued");
    out.array(queued);
    for (std::size_t j = 0; j < queued; ++j)
      out.map(0);
  }
  expect_refused(out.take(), errc::too_large);
  BOOST_TEST(peak_kib() - before < 128 * 1024);
}

BOOST_AUTO_TEST_CASE(a_message_over_the_frame_is_refused_with_what_to_do) {
  history_list list;
  list.deployments.resize(300);
  for (auto& record : list.deployments)
    record.message.assign(4000, 'x');
  auto frame = encode({1, list});
  BOOST_REQUIRE(!frame);
  BOOST_CHECK(frame.error().code == errc::too_large);
  list.deployments.resize(200);
  BOOST_TEST(encode({1, list}).has_value());
}

BOOST_AUTO_TEST_CASE(a_full_page_of_usual_records_fits_a_frame_and_is_read) {
  history_list list;
  list.deployments.resize(limits::history_page_max);
  for (auto& record : list.deployments) {
    record.id = "0123456789abcdef";
    record.app = "shop";
    record.cluster = "production";
    record.by = "ada";
    record.message = "a usual message";
    record.transitions.resize(6);
  }
  auto frame = encode({1, list});
  BOOST_REQUIRE(frame);
  auto decoded = decode(std::span{*frame}.subspan(4));
  BOOST_REQUIRE_MESSAGE(decoded, (decoded ? "" : decoded.error().message));
  BOOST_TEST(std::get<history_list>(decoded->body).deployments.size() == limits::history_page_max);
}

BOOST_AUTO_TEST_CASE(versions_that_differ_name_the_side_to_upgrade) {
  BOOST_TEST(check_version({version, "pawl 0.1.0", {}}, "pawld 0.1.0").has_value());
  auto newer = check_version({version + 1, "pawl 9.0.0", {}}, "pawld 0.1.0");
  BOOST_REQUIRE(!newer);
  BOOST_TEST(newer.error().message.ends_with("upgrade pawld 0.1.0"));
  auto older = check_version({0, "pawl 0.0.1", {}}, "pawld 0.1.0");
  BOOST_REQUIRE(!older);
  BOOST_TEST(older.error().message.ends_with("upgrade pawl 0.0.1"));
}

BOOST_AUTO_TEST_SUITE_END()
