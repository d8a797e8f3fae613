// CRC-32C (Castagnoli), as iSCSI and ext4 use it: it finds every error of up to 32 bits in a row.
//
// Written here, because no library that the project links has one: OpenSSL has none, and zlib is
// only a dependency of a dependency. Uses the processor's instruction if it has one, else tables,
// eight bytes at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace pawl {

// The checksum of `bytes`; `before` is the checksum of the bytes in front of them, if there are
// any.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

// The same, by tables; for tests.
std::uint32_t crc32c_by_tables(std::string_view bytes, std::uint32_t before = 0) noexcept;

} // namespace pawl
