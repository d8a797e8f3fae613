#include "protocol/msgpack/msgpack.hpp"
#include "protocol/msgpack/msgpack_types.hpp"

#include <array>
#include <cstdlib>

namespace pawl::msgpack {

template <std::size_t Bytes>
void writer::head(unsigned type, std::uint64_t number) {
  std::array<char, Bytes + 1> all{static_cast<char>(type)};
  for (std::size_t i = 0; i < Bytes; ++i)
    all[i + 1] = static_cast<char>(static_cast<unsigned char>(number >> (8 * (Bytes - 1 - i))));
  bytes_.insert(bytes_.end(), all.begin(), all.end());
}

void writer::body(std::span<const char> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

namespace {

// The format counts in 32 bits; anything longer is a bug of its writer.
std::size_t length(std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max())
    std::abort();
  return size;
}

template <class Number>
bool reaches(std::int64_t value) {
  return value >= std::int64_t{std::numeric_limits<Number>::min()};
}

} // namespace

void writer::nil() {
  bytes_.push_back(static_cast<char>(type::nil));
}

void writer::boolean(bool value) {
  bytes_.push_back(static_cast<char>(value ? type::yes : type::no));
}

void writer::unsigned_integer(std::uint64_t value) {
  if (value < type::number_end)
    head<0>(static_cast<unsigned>(value), 0);
  else if (fits<std::uint8_t>(value))
    head<1>(type::unsigned_8, value);
  else if (fits<std::uint16_t>(value))
    head<2>(type::unsigned_8 + 1, value);
  else if (fits<std::uint32_t>(value))
    head<4>(type::unsigned_8 + 2, value);
  else
    head<8>(type::unsigned_64, value);
}

void writer::integer(std::int64_t value) {
  constexpr std::int64_t least_in_a_byte = -32;
  const auto bits = static_cast<std::uint64_t>(value);
  if (value >= 0)
    unsigned_integer(bits);
  else if (value >= least_in_a_byte)
    head<0>(static_cast<unsigned char>(bits), 0);
  else if (reaches<std::int8_t>(value))
    head<1>(type::signed_8, bits);
  else if (reaches<std::int16_t>(value))
    head<2>(type::signed_8 + 1, bits);
  else if (reaches<std::int32_t>(value))
    head<4>(type::signed_8 + 2, bits);
  else
    head<8>(type::signed_64, bits);
}

void writer::string(std::string_view value) {
  const auto size = length(value.size());
  if (size <= small_string_bytes)
    head<0>(type::small_string | static_cast<unsigned>(size), 0);
  else if (fits<std::uint8_t>(size))
    head<1>(type::string_8, size);
  else if (fits<std::uint16_t>(size))
    head<2>(type::string_8 + 1, size);
  else
    head<4>(type::string_32, size);
  body(value);
}

void writer::binary(std::span<const char> value) {
  const auto size = length(value.size());
  if (fits<std::uint8_t>(size))
    head<1>(type::binary_8, size);
  else if (fits<std::uint16_t>(size))
    head<2>(type::binary_8 + 1, size);
  else
    head<4>(type::binary_32, size);
  body(value);
}

void writer::array(std::size_t members) {
  const auto size = length(members);
  if (size <= small_members)
    head<0>(type::small_array | static_cast<unsigned>(size), 0);
  else if (fits<std::uint16_t>(size))
    head<2>(type::array_16, size);
  else
    head<4>(type::array_32, size);
}

void writer::map(std::size_t pairs) {
  const auto size = length(pairs);
  if (size <= small_members)
    head<0>(type::small_map | static_cast<unsigned>(size), 0);
  else if (fits<std::uint16_t>(size))
    head<2>(type::map_16, size);
  else
    head<4>(type::map_32, size);
}

void writer::leave_room(std::size_t bytes) {
  bytes_.resize(bytes);
}

void writer::expect(std::size_t bytes) {
  bytes_.reserve(bytes);
}

std::vector<char> writer::take() {
  return std::exchange(bytes_, {});
}

} // namespace pawl::msgpack
