#include "persistence/lmdb/checksum.hpp"

#include <array>
#include <cstddef>
#include <cstring>

namespace pawl {

namespace {

constexpr std::uint32_t polynomial = 0x82f63b78; // reflected

using table_row = std::array<std::uint32_t, 256>;

// Row k: what a byte contributes when k more bytes follow it in the same step.
constexpr std::array<table_row, 8> make_tables() {
  std::array<table_row, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? polynomial : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t row = 1; row < tables.size(); ++row)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      auto shorter = tables[row - 1][byte];
      tables[row][byte] = (shorter >> 8U) ^ tables[0][shorter & 0xffU];
    }
  return tables;
}

constexpr auto tables = make_tables();

std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

std::uint32_t by_tables(std::string_view bytes, std::uint32_t crc) noexcept {
  while (bytes.size() >= 8) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      auto carried = i < 4 ? (crc >> (8 * i)) & 0xffU : 0U;
      next ^= tables[7 - i][byte_at(bytes, i) ^ carried];
    }
    crc = next;
    bytes.remove_prefix(8);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i)
    crc = (crc >> 8U) ^ tables[0][(crc ^ byte_at(bytes, i)) & 0xffU];
  return crc;
}

#if defined(__x86_64__)

// The processor's instruction for it, which all processors since 2008 have, but which the compiler
// may not use by default.
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes,
                                                               std::uint32_t crc) noexcept {
  std::uint64_t wide = crc;
  for (std::uint64_t word = 0; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
    std::memcpy(&word, bytes.data(), sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (char byte : bytes)
    crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(byte));
  return crc;
}

std::uint32_t crc_over(std::string_view bytes, std::uint32_t crc) noexcept {
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  return has_instruction ? by_instruction(bytes, crc) : by_tables(bytes, crc);
}

#else

std::uint32_t crc_over(std::string_view bytes, std::uint32_t crc) noexcept {
  return by_tables(bytes, crc);
}

#endif

} // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
  return ~crc_over(bytes, ~before);
}

std::uint32_t crc32c_by_tables(std::string_view bytes, std::uint32_t before) noexcept {
  return ~by_tables(bytes, ~before);
}

} // namespace pawl
