// Ours beside the library of the format's authors: it writes the same bytes, and reads the same
// values from any.
#include "protocol/msgpack/msgpack.hpp"

#include <boost/test/unit_test.hpp>
#include <msgpack.hpp>

#include <limits>
#include <random>

using namespace pawl::msgpack;

namespace {

constexpr std::size_t string_bytes = 100'000;
constexpr bounds agreed{70'000, depth_max, string_bytes, 1'000'000};

struct sink {
  std::vector<char> bytes;
  void write(const char* data, std::size_t size) { bytes.insert(bytes.end(), data, data + size); }
};

// Around each power of two, where the shortest form changes.
std::vector<std::int64_t> telling_numbers() {
  std::vector<std::int64_t> all{std::numeric_limits<std::int64_t>::min(),
                                std::numeric_limits<std::int64_t>::max()};
  for (unsigned bit = 0; bit < 63; ++bit)
    for (std::int64_t around : {-2, -1, 0, 1, 2}) {
      all.push_back((std::int64_t{1} << bit) + around);
      all.push_back(-(std::int64_t{1} << bit) + around);
    }
  return all;
}

template <class Ours, class Theirs>
void check_same(Ours&& ours, Theirs&& theirs) {
  writer out;
  ours(out);
  sink peer;
  msgpack::packer<sink> packer{peer};
  theirs(packer);
  BOOST_REQUIRE(out.take() == peer.bytes);
}

bool same(reader& in, const msgpack::object& theirs);

bool same_pairs(reader& in, const msgpack::object& theirs) {
  if (in.map() != theirs.via.map.size)
    return false;
  for (std::size_t i = 0; i < theirs.via.map.size; ++i)
    if (!same(in, theirs.via.map.ptr[i].key) || !same(in, theirs.via.map.ptr[i].val))
      return false;
  in.leave();
  return true;
}

bool same_members(reader& in, const msgpack::object& theirs) {
  if (in.array() != theirs.via.array.size)
    return false;
  for (std::size_t i = 0; i < theirs.via.array.size; ++i)
    if (!same(in, theirs.via.array.ptr[i]))
      return false;
  in.leave();
  return true;
}

bool same(reader& in, const msgpack::object& theirs) {
  switch (theirs.type) {
  case msgpack::type::NIL:
    return in.nil();
  case msgpack::type::BOOLEAN:
    return in.boolean() == theirs.via.boolean;
  case msgpack::type::POSITIVE_INTEGER:
    return in.unsigned_integer() == theirs.via.u64;
  case msgpack::type::NEGATIVE_INTEGER:
    return in.integer() == theirs.via.i64;
  case msgpack::type::FLOAT32:
  case msgpack::type::FLOAT64:
    return in.skip();
  case msgpack::type::STR:
    return in.string() == std::string_view{theirs.via.str.ptr, theirs.via.str.size};
  case msgpack::type::BIN: {
    const auto ours = in.binary();
    return ours && std::string_view{ours->data(), ours->size()} ==
                       std::string_view{theirs.via.bin.ptr, theirs.via.bin.size};
  }
  case msgpack::type::ARRAY:
    return same_members(in, theirs);
  case msgpack::type::MAP:
    return same_pairs(in, theirs);
  case msgpack::type::EXT:
    break;
  }
  return false;
}

// The input as the library reads it; nothing if it refuses it, or finds an extension.
std::optional<msgpack::object_handle> parsed_by_library(const std::vector<char>& input) {
  try {
    std::size_t used = 0;
    auto whole =
        msgpack::unpack(input.data(), input.size(), used, nullptr, nullptr,
                        msgpack::unpack_limit{agreed.elements, agreed.elements, string_bytes,
                                              string_bytes, 0, agreed.depth});
    if (used == input.size())
      return whole;
  } catch (const msgpack::unpack_error&) {
  }
  return std::nullopt;
}

bool is_taken(const std::vector<char>& input) {
  reader in{input, agreed};
  return in.skip() && !in.problem_at_end();
}

bool has_extension(const msgpack::object& in) {
  const auto in_pair = [](const msgpack::object_kv& pair) {
    return has_extension(pair.key) || has_extension(pair.val);
  };
  if (in.type == msgpack::type::ARRAY)
    return std::any_of(in.via.array.ptr, in.via.array.ptr + in.via.array.size, has_extension);
  if (in.type == msgpack::type::MAP)
    return std::any_of(in.via.map.ptr, in.via.map.ptr + in.via.map.size, in_pair);
  return in.type == msgpack::type::EXT;
}

void write_random(writer& out, std::mt19937& random, unsigned depth) {
  switch (random() % (depth == 0 ? 5 : 7)) {
  case 0:
    return out.nil();
  case 1:
    return out.boolean(random() % 2 == 0);
  case 2:
    return out.integer(static_cast<std::int64_t>(random() * std::uint64_t{random()}) >>
                       (random() % 64));
  case 3:
    return out.string(std::string(random() % 40, 's'));
  case 4:
    return out.binary(std::vector<char>(random() % 40, 'b'));
  case 5: {
    const auto members = random() % 5;
    out.array(members);
    for (unsigned i = 0; i < members; ++i)
      write_random(out, random, depth - 1);
    return;
  }
  default:
    const auto pairs = random() % 4;
    out.map(pairs);
    for (unsigned i = 0; i < 2 * pairs; ++i)
      write_random(out, random, depth - 1);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(msgpack_peer_test)

BOOST_AUTO_TEST_CASE(the_same_bytes_are_written) {
  for (auto number : telling_numbers()) {
    check_same([&](writer& out) { out.integer(number); },
               [&](auto& packer) { packer.pack_int64(number); });
    const auto bits = static_cast<std::uint64_t>(number);
    check_same([&](writer& out) { out.unsigned_integer(bits); },
               [&](auto& packer) { packer.pack_uint64(bits); });
  }
  for (std::uint32_t size : {0U, 1U, 15U, 16U, 31U, 32U, 255U, 256U, 65'535U, 65'536U}) {
    const std::string text(size, 'x');
    check_same([&](writer& out) { out.string(text); },
               [&](auto& packer) {
                 packer.pack_str(size);
                 packer.pack_str_body(text.data(), size);
               });
    check_same([&](writer& out) { out.binary(text); },
               [&](auto& packer) {
                 packer.pack_bin(size);
                 packer.pack_bin_body(text.data(), size);
               });
    check_same([&](writer& out) { out.array(size); },
               [&](auto& packer) { packer.pack_array(size); });
    check_same([&](writer& out) { out.map(size); }, [&](auto& packer) { packer.pack_map(size); });
  }
}

BOOST_AUTO_TEST_CASE(the_same_values_are_read_also_from_damaged_bytes) {
  constexpr std::mt19937::result_type seed = 5;
  std::mt19937 random{seed};
  std::size_t good = 0;
  std::size_t bad = 0;
  for (int round = 0; round < 30'000; ++round) {
    writer out;
    write_random(out, random, 5);
    auto input = out.take();
    for (auto damages = random() % 3; damages > 0; --damages)
      input[random() % input.size()] = static_cast<char>(random() & 0xffU);
    const auto theirs = parsed_by_library(input);
    if (theirs && has_extension(theirs->get()))
      continue;
    BOOST_REQUIRE_EQUAL(is_taken(input), theirs.has_value());
    theirs ? ++good : ++bad;
    if (!theirs)
      continue;
    reader in{input, agreed};
    BOOST_REQUIRE(same(in, theirs->get()));
    BOOST_REQUIRE(!in.problem_at_end());
  }
  BOOST_TEST(good > 10'000U);
  BOOST_TEST(bad > 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
