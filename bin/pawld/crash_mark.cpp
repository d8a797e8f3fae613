#include "bin/pawld/crash_mark.hpp"

#include "lifecycle/limits.hpp"
#include "posix/files.hpp"

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

// Far above what the kernel saves of any processor; what is not used of it takes no memory.
constexpr std::size_t signal_stack_bytes = 64 * limits::kib;
thread_local std::array<char, signal_stack_bytes> signal_stack;

// Calls only functions that a signal handler may call. The handler that was there before gets the
// signal again when this one returns: the default action, or a sanitizer's report.
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
                      file.native(), system_reason(code)),
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
    marking.sa_flags = SA_ONSTACK;
    ::sigaction(faults[i], &marking, &before[i]);
  }
  give_thread_a_signal_stack();
  return found.st_size > 0;
}

void give_thread_a_signal_stack() {
  stack_t present{};
  if (::sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0)
    return;
  stack_t given{};
  given.ss_sp = signal_stack.data();
  given.ss_size = signal_stack.size();
  ::sigaltstack(&given, nullptr);
}

} // namespace pawl
