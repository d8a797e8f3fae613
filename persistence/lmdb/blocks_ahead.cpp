#include "persistence/lmdb/blocks_ahead.hpp"

#include "lifecycle/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pawl {

std::optional<disk_failure> blocks_ahead::keep(int descriptor, std::size_t used,
                                               std::size_t bytes) {
  if (auto full = check_room(descriptor, bytes))
    return full;
  if (auto refused = take_blocks(descriptor, used, bytes))
    return refused;
  write_zeros(descriptor, used);
  return std::nullopt;
}

std::optional<disk_failure> blocks_ahead::check_room(int descriptor, std::size_t bytes) {
  struct statvfs disk {};
  if (::fstatvfs(descriptor, &disk) != 0)
    return disk_failure{"fstatvfs", errno, {}};
  if (disk.f_bavail * disk.f_frsize < bytes)
    return disk_failure{"fallocate", ENOSPC, fmt::format("{} bytes", bytes)};
  return std::nullopt;
}

// Takes twice as much as is asked for, so that not every call has to ask the disk.
std::optional<disk_failure> blocks_ahead::take_blocks(int descriptor, std::size_t used,
                                                      std::size_t bytes) {
  if (used + bytes <= taken_until_)
    return std::nullopt;
  const auto more = 2 * bytes;
  while (::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(used),
                     static_cast<off_t>(more)) != 0) {
    if (errno == EINTR)
      continue;
    if (errno != EOPNOTSUPP && errno != ENOSYS)
      return disk_failure{"fallocate", errno, fmt::format("{} bytes", more)};
    taken_until_ = std::numeric_limits<std::size_t>::max();
    return std::nullopt;
  }
  taken_until_ = used + more;
  return std::nullopt;
}

// The zeros are optional: if writing them fails, the later write there reports the error. They are
// written page by page: the kernel may keep the bytes of one call as one piece, and search all of
// it for each page that is written later.
void blocks_ahead::write_zeros(int descriptor, std::size_t used) {
  static constexpr std::array<char, 4096> page{};
  if (used + limits::store_written_ahead <= written_until_)
    return;
  struct ::stat file {};
  if (::fstat(descriptor, &file) != 0)
    return;
  written_until_ = std::max(used, static_cast<std::size_t>(file.st_size));
  if (used + limits::store_written_ahead <= written_until_)
    return; // written before the file was opened here
  const auto end = written_until_ + limits::store_written_ahead;
  while (written_until_<end&& ::pwrite(descriptor, page.data(), page.size(),
                                       static_cast<off_t>(written_until_))> 0)
    written_until_ += page.size();
}

} // namespace pawl
