// Starting a program with nothing inherited but what is named, and waiting for processes that need
// not be ours.
#pragma once

#include "posix/files.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pawl {

struct limit_setting {
  int resource; // RLIMIT_…
  std::uint64_t most;
};

struct launch {
  std::string program;                          // absolute
  std::vector<std::string> arguments;           // from argv[0] on
  std::vector<std::string> environment;         // KEY=VALUE
  std::vector<std::pair<int, int>> descriptors; // ours, and its number there; all others are closed
  std::vector<int> cgroups; // descriptors of cgroup.procs that it writes itself into
  std::vector<limit_setting> limits;
  // Root only: in a mount namespace of its own, `first` is seen at `second` before the identity is
  // given up, so that the program needs no way through directories that are closed to it.
  std::optional<std::pair<std::string, std::string>> mount;
  std::optional<std::uint32_t> identity; // root only: uid and gid, with no other groups
};

struct child {
  pid_t pid = -1;
  descriptor process; // a pidfd
};

// Forks and executes, in a session of its own, with default signals and scheduling. When this
// returns, the program runs; if it could not be executed the error says which step failed. The
// child is the caller's to reap. If the program asks to die with its parent, that is the calling
// thread.
result<child> spawn(const launch& what);

// A pidfd; empty if there is no such process.
descriptor open_process(pid_t pid);

void signal_process(const descriptor& process, int signal);

// From SIGKILL to the end of a process; longer only if the kernel holds it.
inline constexpr std::chrono::seconds death_timeout{10};

// Whether the process had ended (a zombie has) before the time was over.
bool wait_for_end(const descriptor& process, std::chrono::milliseconds timeout);

// Lets an ended child of this process leave the process table; nothing happens to any other
// process.
void reap(const descriptor& process);

} // namespace pawl
