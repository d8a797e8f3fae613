#include "protocol/msgpack/msgpack.hpp"

#include "lifecycle/secret.hpp"
#include "protocol/msgpack/packing.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace pawl;
using namespace pawl::msgpack;

namespace {

template <class T>
concept can_be_packed = requires(writer& out, const T& x) {
  pack(out, x);
};

// Only the codec of frames knows a way for a secret: no record that is stored can have one.
static_assert(!can_be_packed<secret> && can_be_packed<std::string>);

constexpr bounds roomy{1000, 16, 1000, 1000};

std::vector<char> bytes(std::initializer_list<unsigned> list) {
  std::vector<char> out;
  for (auto b : list)
    out.push_back(static_cast<char>(b));
  return out;
}

// The problem of the input when it is stepped over as a whole; nothing if it is well-formed.
std::optional<error> problem_of(std::span<const char> input, const bounds& allowed = roomy) {
  reader in{input, allowed};
  const bool stepped = in.skip();
  auto problem = stepped ? in.problem_at_end() : in.problem();
  BOOST_TEST((stepped || problem.has_value()));
  return problem;
}

bool is_good(std::span<const char> input, const bounds& allowed = roomy) {
  return !problem_of(input, allowed);
}

std::vector<char> one_of_each() {
  writer out;
  out.map(7);
  out.string("nil");
  out.nil();
  out.string("yes");
  out.boolean(true);
  out.string("biggest");
  out.unsigned_integer(std::numeric_limits<std::uint64_t>::max());
  out.string("smallest");
  out.integer(std::numeric_limits<std::int64_t>::min());
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

BOOST_AUTO_TEST_SUITE(msgpack_test)

BOOST_AUTO_TEST_CASE(what_was_written_is_read) {
  auto input = one_of_each();
  reader in{input, roomy};
  BOOST_TEST(in.map().value() == 7U);
  BOOST_TEST(in.key() == "nil");
  BOOST_TEST(in.nil());
  BOOST_TEST(in.key_is("yes"));
  BOOST_TEST(in.boolean().value());
  BOOST_TEST(in.key() == "biggest");
  BOOST_TEST(in.unsigned_integer().value() == std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(in.key_is("smallest"));
  BOOST_TEST(in.integer().value() == std::numeric_limits<std::int64_t>::min());
  BOOST_TEST(in.key() == "text");
  BOOST_TEST(in.string().value() == "hullo");
  BOOST_TEST(in.key() == "bytes");
  auto binary = in.binary().value();
  BOOST_TEST(binary.size() == 2U);
  BOOST_TEST(binary[1] == '\xff');
  BOOST_TEST(in.key() == "list");
  BOOST_TEST(in.array().value() == 2U);
  BOOST_TEST(in.integer().value() == -1);
  BOOST_TEST(in.problem_at_end().has_value());
  BOOST_TEST(in.integer().value() == 7);
  BOOST_TEST(!in.problem_at_end().has_value());
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_nothing_and_still_to_come) {
  auto input = one_of_each();
  reader in{input, roomy};
  BOOST_TEST(!in.array().has_value());
  BOOST_TEST(!in.string().has_value());
  BOOST_TEST(in.map().has_value());
  for (std::string_view type :
       {"nil", "boolean", "unsigned", "signed", "string", "binary", "array"}) {
    BOOST_TEST(!in.key_is("another"));
    BOOST_TEST(!in.map().has_value());
    BOOST_TEST(!in.key().empty());
    // Each asks a reader of its own, which is where this one is.
    BOOST_TEST(reader(in).nil() == (type == "nil"));
    BOOST_TEST(reader(in).boolean().has_value() == (type == "boolean"));
    BOOST_TEST(reader(in).unsigned_integer().has_value() == (type == "unsigned"));
    BOOST_TEST(reader(in).integer().has_value() == (type == "signed"));
    BOOST_TEST(reader(in).string().has_value() == (type == "string"));
    BOOST_TEST(reader(in).binary().has_value() == (type == "binary"));
    BOOST_TEST(reader(in).array().has_value() == (type == "array"));
    BOOST_TEST(!in.map().has_value());
    BOOST_TEST(in.skip());
  }
  BOOST_TEST(!in.problem_at_end().has_value());
}

BOOST_AUTO_TEST_CASE(a_key_that_is_no_string_is_left_out) {
  writer out;
  out.map(1);
  out.array(1);
  out.string("x");
  out.string("value");
  auto input = out.take();
  reader in{input, roomy};
  BOOST_TEST(in.map().value() == 1U);
  BOOST_TEST(!in.key_is("x"));
  BOOST_TEST(in.key().empty());
  BOOST_TEST(in.string().value() == "value");
  BOOST_TEST(!in.problem_at_end().has_value());
}

// In front of what is written there is room for a header, and nothing of it is lost.
BOOST_AUTO_TEST_CASE(a_writer_leaves_room) {
  writer out;
  out.expect(100);
  out.leave_room(4);
  out.string("x");
  BOOST_TEST(out.take() == (std::vector<char>{0, 0, 0, 0, '\xa1', 'x'}));
}

BOOST_AUTO_TEST_CASE(strings_are_not_copied) {
  writer out;
  out.string("hullo");
  auto input = out.take();
  BOOST_TEST(static_cast<const void*>(reader(input, roomy).string()->data()) ==
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

BOOST_AUTO_TEST_CASE(an_input_cut_at_any_byte_is_an_error) {
  auto whole = one_of_each();
  BOOST_TEST(is_good(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto problem = problem_of(std::span{whole.data(), size});
    BOOST_REQUIRE(problem.has_value());
    BOOST_TEST(problem->code == errc::invalid_argument);
  }
}

// Also of what is asked for by its type: no byte behind the end is looked at (the sanitizers see).
BOOST_AUTO_TEST_CASE(a_value_cut_at_any_byte_is_nothing) {
  writer out;
  out.string(std::string(300, 'x'));
  const auto text = out.take();
  out.integer(-100'000);
  const auto number = out.take();
  for (const auto* whole : {&text, &number})
    for (std::size_t size = 0; size < whole->size(); ++size) {
      const std::vector<char> cut{whole->begin(), whole->begin() + static_cast<long>(size)};
      BOOST_TEST(!reader(cut, roomy).string().has_value());
      BOOST_TEST(!reader(cut, roomy).integer().has_value());
      BOOST_TEST(!reader(cut, roomy).unsigned_integer().has_value());
      BOOST_TEST(!reader(cut, roomy).array().has_value());
      BOOST_TEST(!reader(cut, roomy).nil());
      BOOST_TEST(!reader(cut, roomy).key_is(std::string(30, 'x')));
      BOOST_TEST(reader(cut, roomy).key().empty());
    }
}

BOOST_AUTO_TEST_CASE(after_a_problem_there_is_nothing_more) {
  auto input = bytes({0x92, 0xc1, 0x05});
  reader in{input, roomy};
  BOOST_TEST(in.array().value() == 2U);
  BOOST_TEST(!in.integer().has_value());
  BOOST_TEST(in.problem().has_value());
  BOOST_TEST(!in.skip());
  BOOST_TEST(!in.integer().has_value());
  BOOST_TEST(in.problem()->message.ends_with("a byte has no meaning"));
}

BOOST_AUTO_TEST_CASE(a_byte_after_the_value_is_an_error) {
  auto whole = one_of_each();
  whole.push_back('\0');
  BOOST_TEST(!is_good(whole));
}

BOOST_AUTO_TEST_CASE(a_byte_without_meaning_is_an_error) {
  BOOST_TEST(!is_good(bytes({0xc1})));
}

BOOST_AUTO_TEST_CASE(a_string_or_binary_over_its_bound_is_an_error) {
  writer out;
  out.string(std::string(11, 'x'));
  auto text = out.take();
  out.binary(std::vector<char>(11));
  auto binary = out.take();
  for (const auto& input : {text, binary}) {
    BOOST_TEST(is_good(input, {1, 1, 11, 0}));
    BOOST_TEST(!is_good(input, {1, 1, 10, 0}));
  }
  BOOST_TEST(!reader(text, {1, 1, 10, 0}).string().has_value());
  BOOST_TEST(!reader(binary, {1, 1, 10, 0}).binary().has_value());
}

BOOST_AUTO_TEST_CASE(a_container_over_its_bound_is_an_error) {
  writer out;
  out.array(3);
  for (int i = 0; i < 3; ++i)
    out.nil();
  auto list = out.take();
  BOOST_TEST(is_good(list, {3, 1, 0, 1}));
  BOOST_TEST(!is_good(list, {2, 1, 0, 1}));
  BOOST_TEST(!reader(list, {2, 1, 0, 1}).array().has_value());
}

BOOST_AUTO_TEST_CASE(more_containers_than_are_allowed_are_too_large) {
  writer out;
  out.array(2);
  out.map(0);
  out.array(0);
  auto list = out.take();
  BOOST_TEST(is_good(list, {3, 2, 0, 3}));
  BOOST_TEST(problem_of(list, {3, 2, 0, 2})->code == errc::too_large);
}

BOOST_AUTO_TEST_CASE(nesting_over_its_bound_is_an_error) {
  for (std::size_t depth : {1U, 2U, 16U}) {
    BOOST_TEST(is_good(nested(depth), {1, depth, 0, 100}));
    BOOST_TEST(!is_good(nested(depth + 1), {1, depth, 0, 100}));
  }
  BOOST_TEST(is_good(nested(depth_max), {1, 1000, 0, 1000}));
  BOOST_TEST(!is_good(nested(depth_max + 1), {1, 1000, 0, 1000}));
  BOOST_TEST(!is_good(nested(1'000'000), roomy));
}

// It is counted from the outermost, whoever enters; and what was left is not counted any more.
BOOST_AUTO_TEST_CASE(nesting_is_counted_by_all_who_enter) {
  auto input = nested(4);
  reader deep{input, {1, 3, 0, 100}};
  BOOST_TEST(deep.array().has_value());
  BOOST_TEST(deep.array().has_value());
  BOOST_TEST(!deep.skip());
  writer out;
  out.array(40);
  for (int i = 0; i < 40; ++i)
    out.array(0);
  auto beside = out.take();
  reader flat{beside, {40, 2, 0, 100}};
  BOOST_TEST(flat.array().value() == 40U);
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(flat.array().has_value());
    flat.leave();
    BOOST_TEST(flat.skip());
  }
  BOOST_TEST(!flat.problem_at_end().has_value());
}

// Lengths of four billion: if memory were taken for one, the test would not end well.
BOOST_AUTO_TEST_CASE(a_length_that_lies_takes_no_memory) {
  constexpr bounds unbounded{0xffffffff, 1000, 0xffffffff, 0xffffffff};
  for (unsigned kind : {0xdbU, 0xc6U, 0xddU, 0xdfU})
    BOOST_TEST(!is_good(bytes({kind, 0xff, 0xff, 0xff, 0xff, 0xc0}), unbounded));
}

BOOST_AUTO_TEST_CASE(an_extension_is_an_error) {
  BOOST_TEST(!is_good(bytes({0xd4, 0x01, 0x00})));
  BOOST_TEST(!is_good(bytes({0xc7, 0x00, 0x01})));
}

BOOST_AUTO_TEST_CASE(a_real_number_is_stepped_over) {
  BOOST_TEST(is_good(bytes({0xca, 0, 0, 0, 0})));
  BOOST_TEST(is_good(bytes({0xcb, 0, 0, 0, 0, 0, 0, 0, 0})));
  BOOST_TEST(!is_good(bytes({0xcb, 0, 0, 0, 0, 0, 0, 0})));
}

BOOST_AUTO_TEST_SUITE_END()
