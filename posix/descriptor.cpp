#include "posix/descriptor.hpp"

#include <unistd.h>

#include <utility>

namespace pawl {

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int descriptor::release() noexcept {
  return std::exchange(fd_, -1);
}

void descriptor::reset() noexcept {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

} // namespace pawl
