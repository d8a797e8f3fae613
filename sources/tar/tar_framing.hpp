// Checks the blocks of a tar, more strictly than any reader: a tar that two readers could read as
// two different trees is refused before one of them reads it. Accepted are ustar, pax and GNU
// headers of files, directories and symlinks; sizes in octal; extended headers of at most 64 KiB
// that change neither a size nor a kind; and only zero blocks after the last entry.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>

namespace pawl {

// Reads `bytes` bytes of the descriptor by offset. invalid_argument, naming the entry and the
// remedy.
result<void> check_tar_framing(int fd, std::uint64_t bytes);

} // namespace pawl
