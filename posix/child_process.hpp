// Starts a program that inherits only what is named, and waits for processes, which need not be
// children of this one. Any thread.
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

// A step by which the files that a program sees are made, in a mount namespace of its own.
struct file_step {
  enum class kind : std::uint8_t {
    memory,       // a file system in memory, mounted at a directory
    folder,       // a directory
    link,         // a symbolic link with the text `from`
    file,         // a file with the contents `from`
    file_mount,   // an empty file, at which the file `from` is mounted
    folder_mount, // a directory, made if there is none, at which the directory `from` is mounted
  };
  kind what;
  std::string at; // absolute
  std::string from;
  bool needed = true; // if not, the program does without what is not there any more

  bool is_mount() const { return what == kind::file_mount || what == kind::folder_mount; }
};

struct launch {
  std::string program;                          // absolute
  std::vector<std::string> arguments;           // from argv[0] on
  std::vector<std::string> environment;         // KEY=VALUE
  std::vector<std::pair<int, int>> descriptors; // number here, number there; others are closed
  std::vector<int> cgroups; // descriptors of cgroup.procs files that the child enters
  std::vector<limit_setting> limits;
  // In its own mount namespace, before the identity is given up: it need not pass directories that
  // are closed to it. A user other than root gets a user namespace for that, as the same user.
  std::vector<file_step> files;
  std::optional<std::uint32_t> identity; // root only: uid and gid, with no other groups
  // Is killed when the thread that starts it ends; what it forks is not.
  bool ends_with_starter = false;
};

struct child {
  pid_t pid = -1;
  descriptor process; // a pidfd
};

// Forks and executes, in a new session, with default signals and scheduling. Returns when the
// program runs; if it could not be executed, the error names the step that failed. The caller reaps
// the child. A program that asks to die with its parent dies with the calling thread.
result<child> spawn(const launch& what);

// A pidfd; empty if there is no such process.
descriptor open_process(pid_t pid);

void signal_process(const descriptor& process, int signal);

// The longest time from SIGKILL to the end of a process, unless the kernel holds it.
inline constexpr std::chrono::seconds death_timeout{10};

// Whether the process ended (a zombie has) within the time.
bool wait_for_end(const descriptor& process, std::chrono::milliseconds timeout);

// Removes an ended child of this process from the process table; does nothing for other processes.
void reap(const descriptor& process);

} // namespace pawl
