// Records what this program writes to one file, and when it makes it durable: this program's own
// pwrite, writev and fdatasync stand before libc's, also for liblmdb.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pawl::test {

struct disk_event {
  bool flush = false;     // all that was written before is durable
  bool by_itself = false; // of a write: durable when it returns (O_DSYNC)
  std::uint64_t offset = 0;
  std::string bytes = {};
};

// One at a time; for the thread that made it.
class write_recorder {
public:
  explicit write_recorder(const std::filesystem::path& file);
  ~write_recorder();
  write_recorder(const write_recorder&) = delete;
  write_recorder& operator=(const write_recorder&) = delete;

  const std::vector<disk_event>& events() const { return events_; }

  // Called by what stands before libc's.
  void wrote(int fd, std::uint64_t offset, std::string bytes);
  void flushed(int fd);

private:
  bool is_file(int fd) const;

  std::uint64_t inode_ = 0;
  std::vector<disk_event> events_;
};

} // namespace pawl::test
