// Records which bytes and names of a folder a disk has for certain while a test writes to it, and
// which may be there after the power has failed. This program's own fsync and fdatasync stand
// before libc's.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <sys/types.h>

namespace pawl::test {

// Writes that were not flushed are lost, or there; or a file has its length, and zeros.
enum class unflushed_names { lost, there };
enum class unflushed_bytes { lost, zeros, there };

// One at a time; for the thread that made it.
class disk_recorder {
public:
  // `root` exists, and the disk has its name. `before_flush` is called before each flush in it.
  disk_recorder(std::filesystem::path root, std::function<void()> before_flush);
  ~disk_recorder();
  disk_recorder(const disk_recorder&) = delete;
  disk_recorder& operator=(const disk_recorder&) = delete;

  // Makes the new folder `to` what the disk shows when the machine is up again.
  void write_image(const std::filesystem::path& to, unflushed_names names,
                   unflushed_bytes bytes) const;

  // Called by what stands before libc's.
  void flushing(int fd);
  void flushed(int fd);

private:
  using folder = std::map<std::string, ino_t>;

  bool holds(const std::filesystem::path& file) const;
  void copy(const std::filesystem::path& from, const std::filesystem::path& to,
            unflushed_names names, unflushed_bytes bytes) const;
  std::string contents(ino_t file, unflushed_bytes bytes) const;

  std::filesystem::path root_;
  std::function<void()> before_flush_;
  std::map<std::filesystem::path, folder> names_; // of each folder that was flushed
  std::map<ino_t, std::string> bytes_;            // of each file that was
};

} // namespace pawl::test
