#include "bin/pawld/crash_mark.hpp"

#include "lifecycle/limits.hpp"
#include "posix/files.hpp"
#include "posix/process_table.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sstream>
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

// The file: one of these, then the kernel's count of processes killed for memory, and the boot that
// the count belongs to. It is written in place, always so many bytes: on a full disk, too.
constexpr char mark_alive = '.';
constexpr char mark_crashed = '!';
constexpr char mark_ended = ' ';
constexpr std::size_t note_bytes = 80;

struct life_note {
  char end = 0;
  std::uint64_t memory_kills = 0;
  std::string boot;
};

life_note parse_note(const std::string& text) {
  life_note found;
  std::istringstream words{text};
  words.get(found.end);
  words >> found.memory_kills >> found.boot;
  return found;
}

// Counts those of the whole machine, since it was booted; 0 if the kernel does not say.
std::uint64_t count_memory_kills() {
  std::ifstream counters{"/proc/vmstat"};
  std::string name;
  std::uint64_t value = 0;
  while (counters >> name >> value)
    if (name == "oom_kill")
      return value;
  return 0;
}

void put_first_byte(char what) noexcept {
  if (mark_fd >= 0 && ::pwrite(mark_fd, &what, 1, 0) == 1)
    ::fsync(mark_fd);
}

bool was_crash(const life_note& last, const life_note& now) {
  if (last.end == mark_crashed)
    return true;
  return last.end == mark_alive && last.boot == now.boot && now.memory_kills > last.memory_kills;
}

// Calls only functions that a signal handler may call. The handler that was there before gets the
// signal again when this one returns: the default action, or a sanitizer's report.
void leave_mark_of(int signal) {
  leave_crash_mark();
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
  auto last = read_file(file, note_bytes);
  const life_note now{mark_alive, count_memory_kills(), boot_id()};
  auto text = fmt::format("{} {} {}", now.end, now.memory_kills, now.boot);
  text.resize(note_bytes, ' ');
  mark_fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (mark_fd < 0)
    return not_usable(file, errno);
  // A new note may find no room: then this life has only its crash mark, and maybe not even that.
  if (::pwrite(mark_fd, text.data(), text.size(), 0) < 0 && errno != ENOSPC && errno != EDQUOT)
    return not_usable(file, errno);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    struct sigaction marking {};
    marking.sa_handler = leave_mark_of;
    marking.sa_flags = SA_ONSTACK;
    ::sigaction(faults[i], &marking, &before[i]);
  }
  give_thread_a_signal_stack();
  return last && was_crash(parse_note(*last), now);
}

void leave_crash_mark() noexcept {
  put_first_byte(mark_crashed);
}

void note_orderly_end() noexcept {
  put_first_byte(mark_ended);
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
