// The pipe to which the programs in a sandbox print.
#pragma once

#include "posix/files.hpp"

#include <array>
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

struct output_pipe {
  descriptor reading;
  descriptor writing;
};

// The programs may open it again, by /dev/stdout or /dev/stderr, whoever they run as: to write, and
// not to take away what was written.
inline result<output_pipe> make_output_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_error("create a pipe", errno);
  output_pipe made{descriptor{ends[0]}, descriptor{ends[1]}};
  if (::fchmod(ends[1], S_IWUSR | S_IWGRP | S_IWOTH) != 0)
    return system_error("set up a pipe", errno);
  return made;
}

} // namespace pawl
