// Records what this program writes to one file, and when it makes it durable, and refuses writes as
// a disk does: this program's own pwrite, writev and fdatasync stand before libc's, also for
// liblmdb.
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

  // From here on a write into the first `bytes` bytes of the file fails with this errno.
  void refuse_first(std::uint64_t bytes, int code) { refused_ = {bytes, code}; }

  // Called by what stands before libc's. The errno that a write there fails with; 0 if it may be
  // made.
  int refusal_at(int fd, std::uint64_t offset) const;
  void wrote(int fd, std::uint64_t offset, std::string bytes);
  void flushed(int fd);

private:
  bool is_file(int fd) const;

  struct refusal {
    std::uint64_t bytes = 0;
    int code = 0;
  };

  std::uint64_t inode_ = 0;
  refusal refused_;
  std::vector<disk_event> events_;
};

} // namespace pawl::test
