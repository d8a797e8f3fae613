// The blocks of the disk that a file has before it needs them, and how many of those are written.
//
// A file that grows by what is written to it asks the disk for blocks then, and may get none. And
// to write into a block for the first time changes what the file system keeps of the file: a flush
// writes that too, and waits for it. So there are two steps: a file is given blocks far ahead, and
// nearer by these are filled with zeros, many at once.
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

// Of one file; one thread.
class blocks_ahead {
public:
  // Gives the file blocks for this many bytes behind the first `used`, and writes zeros behind its
  // end, where nobody has written yet. A failure, if the disk has no room for the blocks or for as
  // many again: what the file has, it keeps. A file system that cannot give blocks is only asked
  // for its room. What writes into the file comes after it, or waits.
  std::optional<disk_failure> keep(int descriptor, std::size_t used, std::size_t bytes);

private:
  static std::optional<disk_failure> check_room(int descriptor, std::size_t bytes);
  std::optional<disk_failure> take_blocks(int descriptor, std::size_t used, std::size_t bytes);
  void write_zeros(int descriptor, std::size_t used);

  std::size_t taken_until_ = 0;
  std::size_t written_until_ = 0;
};

} // namespace pawl
