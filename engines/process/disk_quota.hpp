// Limits the disk space of a running build. The kernel's quotas need a file system that was made
// for them, so the build's tree is measured: a build over its limit is noticed within about a
// second, and a reserve of the disk is never given to builds.
#pragma once

#include "posix/files.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace pawl {

// The disk space of a tree, in bytes, with limits::file_overhead_bytes for each file, so that empty
// ones count too; a file with several names counts once. Follows no symlink and leaves out
// directories that it may not read; the tree may change meanwhile. too_large if directories are
// nested deeper than 256; cancelled.
result<std::uint64_t> bytes_on_disk(const std::filesystem::path& tree, const std::stop_token& stop);

class disk_quota {
public:
  // Measures the tree from a thread of its own while this lives, and calls `exceeded` once, from
  // that thread, when it takes more than `bytes`, or when the file system has less than
  // limits::disk_reserve left (a twentieth of it, if that is less).
  disk_quota(std::filesystem::path tree, std::uint64_t bytes, std::function<void()> exceeded);
  disk_quota(const disk_quota&) = delete;
  disk_quota& operator=(const disk_quota&) = delete;

  // Measures a last time; resource_exhausted, saying what, if a limit was exceeded. `exceeded` is
  // not called any more.
  result<void> settle();

private:
  void watch(const std::stop_token& stop);
  result<void> look(const std::stop_token& stop) const;
  result<void> check_reserve() const;

  const std::filesystem::path tree_;
  const std::uint64_t bytes_;
  const std::function<void()> exceeded_;
  std::mutex mutex_; // guards verdict_
  std::condition_variable_any wake_;
  std::optional<error> verdict_;
  std::jthread thread_; // last: it uses the others
};

} // namespace pawl
