#include "test/support/temporary_directory.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

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

} // namespace pawl::test
