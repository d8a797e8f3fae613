#include "sources/tar/tar_reading.hpp"

#include "posix/files.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <unistd.h>

namespace pawl {

namespace {

constexpr std::uint64_t disk_block_bytes = 4096; // of nearly every file system
constexpr std::size_t piece_bytes = 64 * 1024;   // of contents, given to a visitor at once

class tar_reading {
public:
  tar_reading(int fd, std::uint64_t bytes, tar_visitor& visitor)
      : fd_(fd), headers_(fd, bytes), visitor_(visitor) {}

  result<tar_facts> read() {
    while (true) {
      auto entry = headers_.next();
      if (!entry)
        return std::move(entry).error();
      if (!*entry)
        break;
      if (auto taken = take(**entry); !taken)
        return std::move(taken).error();
    }
    if (auto inside = tree_.check_links(); !inside)
      return std::move(inside).error();
    facts_.entries = tree_.size();
    facts_.disk_bytes += tree_.nodes() * limits::file_overhead_bytes;
    return facts_;
  }

private:
  result<void> take(tar_entry& entry) {
    if (auto admitted = tree_.admit(entry.kind, entry.name, entry.target); !admitted)
      return admitted;
    facts_.has_times = facts_.has_times || entry.modified.tv_sec != 0;
    if (entry.name.ends_with('/'))
      entry.name.pop_back();
    if (entry.kind == entry_kind::directory)
      return visitor_.directory(entry);
    if (entry.kind == entry_kind::symlink)
      return visitor_.symlink(entry);
    return take_file(entry);
  }

  result<void> take_file(const tar_entry& entry) {
    ++facts_.files;
    facts_.file_bytes += entry.size;
    facts_.disk_bytes += (entry.size + disk_block_bytes - 1) / disk_block_bytes * disk_block_bytes;
    auto contents = visitor_.file(entry);
    if (!contents)
      return std::move(contents).error();
    if (*contents == file_contents::skipped)
      return {};
    buffer_.resize(piece_bytes);
    for (std::uint64_t done = 0; done < entry.size;) {
      auto wanted = std::min<std::uint64_t>(buffer_.size(), entry.size - done);
      auto got = ::pread(fd_, buffer_.data(), wanted, static_cast<off_t>(entry.contents + done));
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return system_error("read the source", got < 0 ? errno : EIO); // its size was known
      if (auto taken = visitor_.contents({buffer_.data(), static_cast<std::size_t>(got)}); !taken)
        return taken;
      done += static_cast<std::uint64_t>(got);
    }
    return visitor_.end_of_contents();
  }

  int fd_;
  tar_headers headers_;
  tar_visitor& visitor_;
  std::vector<char> buffer_;
  source_tree tree_;
  tar_facts facts_;
};

} // namespace

result<tar_facts> read_tar(int fd, std::uint64_t bytes, tar_visitor& visitor) {
  return tar_reading{fd, bytes, visitor}.read();
}

} // namespace pawl
