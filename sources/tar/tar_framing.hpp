// The outer form of a tar, block by block, stricter than any reader: what two readers could take
// for two different trees is refused before one of them sees it. Taken are ustar, pax and GNU
// headers of files, directories and symlinks; sizes in octal; extended headers of at most 64 KiB
// that change neither a size nor a kind; zero blocks, and nothing else, after the last entry.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>

namespace pawl {

// Reads `bytes` bytes of the descriptor by offset. invalid_argument, saying at which entry and what
// to do.
result<void> check_tar_framing(int fd, std::uint64_t bytes);

} // namespace pawl
