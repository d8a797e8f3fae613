// One server for each data directory: a lock that the kernel gives back when its process ends,
// however it ends.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

class directory_lock {
public:
  // Takes the lock `directory`/lock, whose file names the process that holds it; does not wait.
  // unavailable if another open lock holds it, details "pid" where the file says; internal for what
  // else the system refuses.
  static result<directory_lock> take(const std::filesystem::path& directory);

  // The same for a directory that is only to be read: nothing is written, and a directory that
  // never had a lock (a copy, a backup) has none taken.
  static result<directory_lock> find(const std::filesystem::path& directory);

  directory_lock(directory_lock&& other) noexcept;
  directory_lock& operator=(directory_lock&&) = delete;
  ~directory_lock();

private:
  explicit directory_lock(int fd) : fd_(fd) {}
  int fd_; // -1: none was there
};

} // namespace pawl
