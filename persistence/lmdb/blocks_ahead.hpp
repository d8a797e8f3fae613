// Gives a file blocks of the disk before it needs them, and fills the next of them with zeros.
//
// A file that grows when it is written needs blocks at that moment, and may get none. And the first
// write into a block changes the file system's data about the file, which a flush then writes and
// waits for. So there are two steps: a file gets blocks far ahead, and the next of these are filled
// with zeros, many at once.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

struct disk_failure {
  std::string_view function;
  int code = 0; // errno
  std::string about;
};

// For one file; one thread.
class blocks_ahead {
public:
  // Gives the file blocks for `bytes` bytes behind the first `used`, and writes zeros behind its
  // end. A failure if the disk has no room for the blocks, or for as many again; the file keeps the
  // blocks that it has. On a file system that cannot give blocks, only the room is checked. Nothing
  // else may write into the file meanwhile.
  std::optional<disk_failure> keep(int descriptor, std::size_t used, std::size_t bytes);

private:
  static std::optional<disk_failure> check_room(int descriptor, std::size_t bytes);
  std::optional<disk_failure> take_blocks(int descriptor, std::size_t used, std::size_t bytes);
  void write_zeros(int descriptor, std::size_t used);

  std::size_t taken_until_ = 0;
  std::size_t written_until_ = 0;
};

} // namespace pawl
