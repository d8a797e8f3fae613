// CRC-32C (Castagnoli), as iSCSI and ext4 use it: it finds every error of up to 32 bits in a row.
//
// Of our own, because nothing that the project links offers one: OpenSSL has none, and zlib is only
// a dependency of a dependency. Eight bytes at a time from tables: portable, and a batch of log
// lines costs less than its copy.
#pragma once

#include <cstdint>
#include <string_view>

namespace pawl {

// The checksum of `bytes`; with `before` the checksum of what stands in front of them.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

} // namespace pawl
