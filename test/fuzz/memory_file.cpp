#include "test/fuzz/memory_file.hpp"

#include "posix/files.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <system_error>

namespace pawl::test {

descriptor memory_file(std::string_view contents) {
  descriptor file{::memfd_create("fuzz", MFD_CLOEXEC)};
  if (!file || !write_all(file.get(), contents))
    throw std::system_error{errno, std::generic_category(), "make a file in memory"};
  return file;
}

} // namespace pawl::test
