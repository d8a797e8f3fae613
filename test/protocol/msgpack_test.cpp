#include "protocol/msgpack.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace pawl;
using namespace pawl::msgpack_io;

namespace {

constexpr bounds roomy{1000, 16, 1000};

std::vector<char> bytes(std::initializer_list<unsigned> list) {
  std::vector<char> out;
  for (auto b : list)
    out.push_back(static_cast<char>(b));
  return out;
}

bool parses(const std::vector<char>& input, const bounds& allowed = roomy) {
  auto parsed = document::parse(input, allowed);
  return parsed.has_value();
}

std::vector<char> one_of_each() {
  writer out;
  out.map(8);
  out.string("nil");
  out.nil();
  out.string("yes");
  out.boolean(true);
  out.string("biggest");
  out.unsigned_integer(std::numeric_limits<std::uint64_t>::max());
  out.string("smallest");
  out.integer(std::numeric_limits<std::int64_t>::min());
  out.string("real");
  out.real(0.5);
  out.string("text");
  out.string("hullo");
  out.string("bytes");
  out.binary(std::vector<char>{'\0', '\xff'});
  out.string("list");
  out.array(2);
  out.integer(-1);
  out.integer(7);
  return out.take();
}

std::vector<char> nested(std::size_t depth) {
  writer out;
  for (std::size_t i = 0; i < depth; ++i)
    out.array(1);
  out.nil();
  return out.take();
}

} // namespace

BOOST_AUTO_TEST_SUITE(msgpack_io_test)

BOOST_AUTO_TEST_CASE(what_was_written_is_read) {
  auto input = one_of_each();
  auto parsed = document::parse(input, roomy);
  BOOST_REQUIRE(parsed.has_value());
  auto root = parsed->root();
  BOOST_REQUIRE(root.map_size() == 8U);
  BOOST_TEST(root.find("nil")->is_nil());
  BOOST_TEST(root.find("yes")->boolean().value());
  BOOST_TEST(root.find("biggest")->unsigned_integer().value() ==
             std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(root.find("smallest")->integer().value() == std::numeric_limits<std::int64_t>::min());
  BOOST_TEST(root.find("real")->real().value() == 0.5);
  BOOST_TEST(root.find("text")->string().value() == "hullo");
  auto binary = root.find("bytes")->binary().value();
  BOOST_TEST(binary.size() == 2U);
  BOOST_TEST(binary[1] == '\xff');
  auto list = *root.find("list");
  BOOST_REQUIRE(list.array_size() == 2U);
  BOOST_TEST(list.at(0).integer().value() == -1);
  BOOST_TEST(list.at(1).integer().value() == 7);
  BOOST_TEST(!root.find("missing").has_value());
  BOOST_TEST(root.pair(5).first == "text");
}

BOOST_AUTO_TEST_CASE(a_search_that_goes_on_finds_keys_in_any_order) {
  auto input = one_of_each();
  auto parsed = document::parse(input, roomy);
  BOOST_REQUIRE(parsed.has_value());
  auto root = parsed->root();
  std::size_t from = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    BOOST_TEST(root.find(root.pair(i).first, from).has_value());
    BOOST_TEST(from == i + 1);
  }
  for (std::size_t i = 8; i-- > 0;) {
    BOOST_TEST(root.find(root.pair(i).first, from).has_value());
    BOOST_TEST(from == i + 1);
  }
  BOOST_TEST(!root.find("missing", from).has_value());
  BOOST_TEST(root.find("text", from)->string().value() == "hullo");
}

// In front of what is written there is room for a header, and nothing of it is lost.
BOOST_AUTO_TEST_CASE(a_writer_leaves_room) {
  writer out;
  out.expect(100);
  out.leave_room(4);
  out.string("x");
  BOOST_TEST((out.take() == std::vector<char>{0, 0, 0, 0, '\xa1', 'x'}));
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_nothing) {
  auto input = one_of_each();
  auto parsed = document::parse(input, roomy);
  BOOST_REQUIRE(parsed.has_value());
  auto root = parsed->root();
  BOOST_TEST(!root.boolean().has_value());
  BOOST_TEST(!root.string().has_value());
  BOOST_TEST(!root.array_size().has_value());
  BOOST_TEST(!root.find("text")->binary().has_value());
  BOOST_TEST(!root.find("bytes")->string().has_value());
  BOOST_TEST(!root.find("text")->map_size().has_value());
  BOOST_TEST(!root.find("text")->find("x").has_value());
  BOOST_TEST(!root.find("smallest")->unsigned_integer().has_value());
  BOOST_TEST(!root.find("biggest")->integer().has_value());
  BOOST_TEST(!root.find("yes")->real().has_value());
  BOOST_TEST(!root.find("yes")->is_nil());
}

BOOST_AUTO_TEST_CASE(strings_are_not_copied) {
  writer out;
  out.string("hullo");
  auto input = out.take();
  auto parsed = document::parse(input, roomy);
  BOOST_REQUIRE(parsed.has_value());
  BOOST_TEST(static_cast<const void*>(parsed->root().string()->data()) ==
             static_cast<const void*>(input.data() + 1));
}

BOOST_AUTO_TEST_CASE(a_taken_writer_is_empty_again) {
  writer out;
  out.nil();
  BOOST_TEST(out.take().size() == 1U);
  BOOST_TEST(out.take().empty());
  out.boolean(false);
  BOOST_TEST(out.take() == bytes({0xc2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_document_cut_at_any_byte_is_an_error) {
  auto whole = one_of_each();
  BOOST_TEST(parses(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto parsed = document::parse(std::span{whole.data(), size}, roomy);
    BOOST_REQUIRE(!parsed.has_value());
    BOOST_TEST((parsed.error().code == errc::invalid_argument));
  }
}

BOOST_AUTO_TEST_CASE(a_byte_after_the_value_is_an_error) {
  auto whole = one_of_each();
  whole.push_back('\0');
  BOOST_TEST(!parses(whole));
}

BOOST_AUTO_TEST_CASE(a_byte_without_meaning_is_an_error) {
  BOOST_TEST(!parses(bytes({0xc1})));
}

BOOST_AUTO_TEST_CASE(a_string_or_binary_over_its_bound_is_an_error) {
  writer out;
  out.string(std::string(11, 'x'));
  auto text = out.take();
  out.binary(std::vector<char>(11));
  auto binary = out.take();
  for (const auto& input : {text, binary}) {
    BOOST_TEST(parses(input, {1, 1, 11}));
    BOOST_TEST(!parses(input, {1, 1, 10}));
  }
}

BOOST_AUTO_TEST_CASE(a_container_over_its_bound_is_an_error) {
  writer out;
  out.array(3);
  for (int i = 0; i < 3; ++i)
    out.nil();
  auto list = out.take();
  BOOST_TEST(parses(list, {3, 1, 0}));
  BOOST_TEST(!parses(list, {2, 1, 0}));
}

BOOST_AUTO_TEST_CASE(nesting_over_its_bound_is_an_error) {
  for (std::size_t depth : {1U, 2U, 16U}) {
    BOOST_TEST(parses(nested(depth), {1, depth, 0}));
    BOOST_TEST(!parses(nested(depth + 1), {1, depth, 0}));
  }
  BOOST_TEST(!parses(nested(1'000'000), roomy));
}

// Lengths of four billion: if memory were taken for one, the test would not end well.
BOOST_AUTO_TEST_CASE(a_length_that_lies_takes_no_memory) {
  constexpr bounds unbounded{0xffffffff, 1000, 0xffffffff};
  for (unsigned kind : {0xdbU, 0xc6U, 0xddU, 0xdfU})
    BOOST_TEST(!parses(bytes({kind, 0xff, 0xff, 0xff, 0xff, 0xc0}), unbounded));
}

BOOST_AUTO_TEST_CASE(an_extension_is_an_error) {
  BOOST_TEST(!parses(bytes({0xd4, 0x01, 0x00})));
}

BOOST_AUTO_TEST_SUITE_END()
