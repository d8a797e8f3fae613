#include "protocol/msgpack/msgpack.hpp"

#include "protocol/msgpack/msgpack_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::msgpack {

namespace {

// The first byte tells which of these follows.
enum class shape : std::uint8_t { scalar, string, binary, array, map, nothing };

struct first_byte {
  pawl::msgpack::shape shape = shape::nothing;
  std::uint8_t follow = 0; // bytes of the number behind it: a value, or a length
  std::uint8_t small = 0;  // the length or number of members, where it is in the byte itself
};

constexpr first_byte describe(unsigned byte) {
  using enum shape;
  const auto sized = [byte](shape kind, unsigned first, unsigned bytes_of_first) {
    return first_byte{kind, static_cast<std::uint8_t>(bytes_of_first << (byte - first)), 0};
  };
  const auto small = [byte](shape kind, unsigned bits) {
    return first_byte{kind, 0, static_cast<std::uint8_t>(byte & bits)};
  };
  if (byte < type::number_end || byte >= type::negative)
    return {scalar, 0, 0};
  if (byte < type::small_array)
    return small(map, small_members);
  if (byte < type::small_string)
    return small(array, small_members);
  if (byte < type::nil)
    return small(string, small_string_bytes);
  if (byte == type::nil || byte == type::no || byte == type::yes)
    return {scalar, 0, 0};
  if (byte >= type::binary_8 && byte <= type::binary_32)
    return sized(binary, type::binary_8, 1);
  constexpr unsigned real_32 = 0xca;
  if (byte == real_32 || byte == real_32 + 1)
    return sized(scalar, real_32, 4);
  if (byte >= type::unsigned_8 && byte <= type::unsigned_64)
    return sized(scalar, type::unsigned_8, 1);
  if (byte >= type::signed_8 && byte <= type::signed_64)
    return sized(scalar, type::signed_8, 1);
  if (byte >= type::string_8 && byte <= type::string_32)
    return sized(string, type::string_8, 1);
  if (byte == type::array_16 || byte == type::array_32)
    return sized(array, type::array_16, 2);
  if (byte == type::map_16 || byte == type::map_32)
    return sized(map, type::map_16, 2);
  return {};
}

constexpr auto first_bytes = [] {
  std::array<first_byte, 256> all{};
  for (unsigned byte = 0; byte < all.size(); ++byte)
    all[byte] = describe(byte);
  return all;
}();

unsigned byte_at(const char* at) {
  return static_cast<unsigned char>(*at);
}

std::uint64_t number_at(const char* at, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    number = number << 8U | byte_at(at + i);
  return number;
}

} // namespace

struct reader::head {
  pawl::msgpack::shape shape = shape::nothing;
  std::size_t bytes = 1; // its first byte, and the number that follows it
  std::size_t size = 0;  // the length of a text, or how many members or pairs there are
};

bool reader::fail(state why) {
  if (state_ == state::good)
    state_ = why;
  next_ = end_;
  return false;
}

[[gnu::always_inline]] inline bool reader::look(head& found) {
  if (next_ == end_)
    return fail(state::cut_short);
  const auto& first = first_bytes[byte_at(next_)];
  if (static_cast<std::size_t>(end_ - next_) <= first.follow)
    return fail(state::cut_short);
  if (first.shape == shape::nothing)
    return fail(state::meaningless);
  found = {first.shape, std::size_t{1} + first.follow, first.small};
  if (first.shape != shape::scalar && first.follow > 0)
    found.size = number_at(next_ + 1, first.follow);
  return true;
}

std::optional<std::string_view> reader::bytes_of(const head& text) {
  if (text.size > allowed_.string_bytes) {
    fail(state::too_much);
    return std::nullopt;
  }
  if (text.size > static_cast<std::size_t>(end_ - next_) - text.bytes) {
    fail(state::cut_short);
    return std::nullopt;
  }
  const std::string_view found{next_ + text.bytes, text.size};
  next_ += text.bytes + text.size;
  return found;
}

std::optional<std::size_t> reader::enter(const head& container) {
  if (container.size > allowed_.elements || depth_ >= std::min(allowed_.depth, depth_max)) {
    fail(state::too_much);
    return std::nullopt;
  }
  if (allowed_.containers == 0) {
    fail(state::too_many_containers);
    return std::nullopt;
  }
  --allowed_.containers;
  ++depth_;
  next_ += container.bytes;
  return container.size;
}

bool reader::nil() {
  if (next_ == end_ || byte_at(next_) != type::nil)
    return false;
  ++next_;
  return true;
}

std::optional<bool> reader::boolean() {
  head found;
  if (!look(found))
    return std::nullopt;
  const auto byte = byte_at(next_);
  if (byte != type::yes && byte != type::no)
    return std::nullopt;
  ++next_;
  return byte == type::yes;
}

namespace {

struct whole_number {
  std::uint64_t bits = 0; // in two's complement
  bool negative = false;
};

// The number of a value that is there whole, with so many bytes behind its first.
std::optional<whole_number> whole_number_at(const char* at, std::size_t follow) {
  const auto byte = byte_at(at);
  if (byte < type::number_end)
    return whole_number{byte, false};
  if (byte >= type::negative)
    return whole_number{static_cast<std::uint64_t>(static_cast<std::int8_t>(byte)), true};
  if (byte < type::unsigned_8 || byte > type::signed_64)
    return std::nullopt;
  const auto bits = number_at(at + 1, follow);
  if (byte <= type::unsigned_64)
    return whole_number{bits, false};
  const auto unused = 64 - 8 * follow;
  const auto extended = static_cast<std::int64_t>(bits << unused) >> unused;
  return whole_number{static_cast<std::uint64_t>(extended), extended < 0};
}

} // namespace

std::optional<std::uint64_t> reader::unsigned_integer() {
  head found;
  if (!look(found))
    return std::nullopt;
  const auto number = whole_number_at(next_, found.bytes - 1);
  if (!number || number->negative)
    return std::nullopt;
  next_ += found.bytes;
  return number->bits;
}

std::optional<std::int64_t> reader::integer() {
  head found;
  if (!look(found))
    return std::nullopt;
  const auto number = whole_number_at(next_, found.bytes - 1);
  if (!number || (!number->negative && !fits<std::int64_t>(number->bits)))
    return std::nullopt;
  next_ += found.bytes;
  return static_cast<std::int64_t>(number->bits);
}

std::optional<std::string_view> reader::string() {
  head found;
  if (!look(found) || found.shape != shape::string)
    return std::nullopt;
  return bytes_of(found);
}

std::optional<std::span<const char>> reader::binary() {
  head found;
  if (!look(found) || found.shape != shape::binary)
    return std::nullopt;
  return bytes_of(found);
}

std::optional<std::size_t> reader::array() {
  head found;
  if (!look(found) || found.shape != shape::array)
    return std::nullopt;
  return enter(found);
}

std::optional<std::size_t> reader::map() {
  head found;
  if (!look(found) || found.shape != shape::map)
    return std::nullopt;
  return enter(found);
}

std::string_view reader::key() {
  auto text = string();
  if (!text)
    skip();
  return text.value_or(std::string_view{});
}

std::optional<std::span<const char>> reader::raw() {
  const auto* begin = next_;
  if (!skip())
    return std::nullopt;
  return std::span{begin, next_};
}

bool reader::skip() {
  std::array<std::size_t, depth_max> outside; // values to come behind each container; NOLINT
  std::size_t open = 0;
  for (std::size_t left = 1;;) {
    while (left == 0) {
      if (open == 0)
        return true;
      left = outside[--open];
      leave();
    }
    --left;
    head found;
    if (!look(found))
      return false;
    if (found.shape == shape::scalar) {
      next_ += found.bytes;
    } else if (found.shape == shape::string || found.shape == shape::binary) {
      if (!bytes_of(found))
        return false;
    } else {
      if (!enter(found))
        return false;
      outside[open++] = left;
      left = found.shape == shape::map ? 2 * found.size : found.size;
    }
  }
}

std::optional<error> reader::problem() const {
  const auto malformed = [](std::string_view why) {
    return error{
        errc::invalid_argument, fmt::format("the bytes are not valid msgpack: {}", why), {}};
  };
  switch (state_) {
  case state::good:
    break;
  case state::cut_short:
    return malformed("they end too early");
  case state::meaningless:
    return malformed("a byte has no meaning");
  case state::too_much:
    return malformed("a string, array or map is longer, or nested deeper, than is allowed");
  case state::too_many_containers:
    return error{errc::too_large, "the bytes hold more lists and maps than are allowed", {}};
  }
  return std::nullopt;
}

std::optional<error> reader::problem_at_end() const {
  if (state_ != state::good || next_ == end_)
    return problem();
  return error{
      errc::invalid_argument, "the bytes are not valid msgpack: more follows after the value", {}};
}

} // namespace pawl::msgpack
