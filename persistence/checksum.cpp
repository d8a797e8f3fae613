#include "persistence/checksum.hpp"

#include <array>
#include <cstddef>

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

} // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
  std::uint32_t crc = ~before;
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
  return ~crc;
}

} // namespace pawl
