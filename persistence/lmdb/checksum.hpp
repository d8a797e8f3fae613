// CRC-32C (Castagnoli), as iSCSI and ext4 use it: it finds every error of up to 32 bits in a row.
//
// Of our own, because nothing that the project links offers one: OpenSSL has none, and zlib is only
// a dependency of a dependency. By the processor's instruction where there is one, else eight bytes
// at a time from tables.
#pragma once

#include <cstdint>
#include <string_view>

namespace pawl {

// The checksum of `bytes`; with `before` the checksum of what stands in front of them.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

// The same, as processors without the instruction have it; for tests.
std::uint32_t crc32c_by_tables(std::string_view bytes, std::uint32_t before = 0) noexcept;

} // namespace pawl
