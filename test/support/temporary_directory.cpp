#include "test/support/temporary_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <system_error>

namespace pawl::test {

temporary_directory::temporary_directory() {
  auto pattern = (std::filesystem::temp_directory_path() / "pawl-test.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("no temporary directory could be made");
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored; // a leftover in /tmp fails no test
  std::filesystem::remove_all(path_, ignored);
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0)
    throw std::system_error{errno, std::generic_category(), path};
  return about.st_mode & 07777U;
}

} // namespace pawl::test
