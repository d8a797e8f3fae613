// A directory of the test's own, gone when the test ends.
#pragma once

#include <filesystem>

namespace pawl::test {

class temporary_directory {
public:
  temporary_directory(); // below the system's folder for temporary files
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

// The permission bits of a file, or of a link itself. Throws std::system_error.
unsigned mode_of(const std::filesystem::path& path);

} // namespace pawl::test
