#include "bin/pawld/crash_mark.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::array faults{SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};

// Set before the handlers are, and then constant.
int mark_fd = -1;
std::array<struct sigaction, faults.size()> before = {};

// Only what may be called in a signal handler. Whoever handled the signal before gets it again when
// this returns: the default action, or a sanitizer's report.
void leave_mark(int signal) {
  constexpr char mark = '!';
  if (::pwrite(mark_fd, &mark, 1, 0) == 1)
    ::fsync(mark_fd);
  for (std::size_t i = 0; i < faults.size(); ++i)
    if (faults[i] == signal)
      ::sigaction(signal, &before[i], nullptr);
  ::raise(signal);
}

error not_usable(const std::filesystem::path& file, int code) {
  return {errc::internal,
          fmt::format("{} cannot be used: {}; look at the permissions of the data directory",
                      file.native(), std::generic_category().message(code)),
          {{"file", file.native()}}};
}

} // namespace

result<bool> renew_crash_mark(const std::filesystem::path& data_dir) {
  auto file = data_dir / "crashed";
  mark_fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  struct stat found {};
  if (mark_fd < 0 || ::fstat(mark_fd, &found) != 0 || ::ftruncate(mark_fd, 0) != 0)
    return not_usable(file, errno);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    struct sigaction marking {};
    marking.sa_handler = leave_mark;
    ::sigaction(faults[i], &marking, &before[i]);
  }
  return found.st_size > 0;
}

} // namespace pawl
