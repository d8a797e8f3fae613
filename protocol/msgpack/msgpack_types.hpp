// msgpack's bytes, for those that write and read them: protocol/msgpack/msgpack.hpp is for all
// others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace pawl::msgpack {

// The first byte of a value. Numbers and lengths that follow it have the highest byte first.
//
//   00…7f  the number itself          c4 c5 c6     binary: length in 1, 2, 4 bytes
//   80…8f  map of 0…15 pairs          c7 c8 c9     extension
//   90…9f  array of 0…15 members      ca cb        real number in 4, 8 bytes
//   a0…bf  string of 0…31 bytes       cc cd ce cf  number from 0 in 1, 2, 4, 8 bytes
//   c0     nil                        d0 d1 d2 d3  signed number in 1, 2, 4, 8 bytes
//   c1     nothing                    d4…d8        extension
//   c2 c3  false, true                d9 da db     string: length in 1, 2, 4 bytes
//   e0…ff  -32…-1                     dc dd        array: members in 2, 4 bytes
//                                     de df        map: pairs in 2, 4 bytes
namespace type {
constexpr unsigned number_end = 0x80;
constexpr unsigned small_map = 0x80;
constexpr unsigned small_array = 0x90;
constexpr unsigned small_string = 0xa0;
constexpr unsigned nil = 0xc0;
constexpr unsigned no = 0xc2;
constexpr unsigned yes = 0xc3;
constexpr unsigned binary_8 = 0xc4;
constexpr unsigned binary_32 = 0xc6;
constexpr unsigned unsigned_8 = 0xcc;
constexpr unsigned unsigned_64 = 0xcf;
constexpr unsigned signed_8 = 0xd0;
constexpr unsigned signed_64 = 0xd3;
constexpr unsigned string_8 = 0xd9;
constexpr unsigned string_32 = 0xdb;
constexpr unsigned array_16 = 0xdc;
constexpr unsigned array_32 = 0xdd;
constexpr unsigned map_16 = 0xde;
constexpr unsigned map_32 = 0xdf;
constexpr unsigned negative = 0xe0;
} // namespace type

constexpr std::size_t small_members = 15;
constexpr std::size_t small_string_bytes = 31;

template <class Number>
constexpr bool fits(std::uint64_t value) {
  return value <= std::uint64_t{std::numeric_limits<Number>::max()};
}

} // namespace pawl::msgpack
