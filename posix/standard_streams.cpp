#include "posix/standard_streams.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace pawl {

bool open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF)
      continue;
    // The lowest free number is this one: those below are open by now. Programs that we start
    // inherit it as they would any other standard stream.
    if (::open("/dev/null", O_RDWR) != fd)
      return false;
  }
  return true;
}

} // namespace pawl
