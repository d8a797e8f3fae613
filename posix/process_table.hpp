// The kernel's table of processes, read from /proc. A process is identified by its pid, its start
// time and the machine's boot: a pid alone may be reused. Any thread.
#pragma once

#include "posix/descriptor.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sys/types.h>

namespace pawl {

struct process_entry {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';          // as in /proc/PID/stat; Z and X have ended
  std::uint64_t started = 0; // clock ticks since the boot
};

// The process with this pid, also if it is a zombie; nothing if there is none.
std::optional<process_entry> find_process(pid_t pid);

// Whether the process with this pid and start time exists and has not ended.
bool is_running(pid_t pid, std::uint64_t started);

// All processes that have not ended.
std::vector<process_entry> all_processes();

// The pids of a process's descendants, without its own. A pid may be another process's by the time
// it is used: signal_descendants() signals none but descendants.
std::vector<pid_t> descendants(pid_t ancestor);

// Signals the descendants that are not among `told`, and adds them to it. Takes one descriptor at a
// time, however many they are.
void signal_descendants(pid_t ancestor, int signal, std::set<pid_t>& told);

// A process of a sandbox that bears a mark.
struct marked_process {
  pid_t pid = 0;
  descriptor process;  // a pidfd of that very process
  std::string mark;    // the whole argv[0] that it was started with
  bool inside = false; // the first one in the sandbox
};

// Whether sandboxes run as this user: their outer processes, or, with `inside`, those in them.
using user_test = std::function<bool(uid_t user, bool inside)>;

// The outer processes of sandboxes whose argv[0] begins with the prefix, and the first process
// inside each, whatever has become of their starter. Any program can call itself so. It counts only
// with what the kernel says of it:
//   an outer process   is in this process's own namespace of processes, where no sandbox reaches,
//                      and one of its users is it
//   a first one inside is number 1 of a namespace right below. If its parent is such an outer
//                      process, it bears that one's mark: it shares its user with the app, which
//                      can overwrite its argv[0]. If it has lost its parent, its own argv[0] tells.
std::vector<marked_process> marked_processes(const std::string& prefix, const user_test& is_user);

// The argv[0] of a process; empty if there is no such process any more.
std::string called_as(pid_t pid);

// Identifies the boot of this machine: another text after each boot. Empty if the kernel has none.
std::string boot_id();

} // namespace pawl
