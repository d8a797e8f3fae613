// A lock on a directory, so that one server at a time uses a data directory. The kernel releases it
// when its process has ended, however it ends, and the children that it had just forked have closed
// it: docs/decisions/0063-a-lock-may-outlive-its-server.md. Any thread.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

namespace pawl {

class directory_lock {
public:
  // How long a start waits for a lock that is held.
  static constexpr std::chrono::seconds patience{3};

  // Takes the lock on the file `directory`/lock, and writes this process's pid into the file.
  // unavailable if the lock is held for longer, also by this process; details "pid" if the file has
  // that of a process that lives. internal for any other failure of the system.
  static result<directory_lock> take(const std::filesystem::path& directory,
                                     std::chrono::milliseconds wait = patience);

  // The same for a directory that is only read: nothing is written. In a directory without the file
  // (a copy, a backup) there is nothing to lock: success.
  static result<directory_lock> find(const std::filesystem::path& directory,
                                     std::chrono::milliseconds wait = patience);

  directory_lock(directory_lock&&) noexcept = default;
  directory_lock& operator=(directory_lock&&) = delete;
  ~directory_lock() = default; // releases it

private:
  explicit directory_lock(descriptor file) : file_(std::move(file)) {}

  descriptor file_; // empty: there was no file to lock
};

} // namespace pawl
