// The kernel's table of processes, read from /proc. A process is identified by its pid, its start
// time and the machine's boot: a pid alone may be reused. Any thread.
#pragma once

#include <cstdint>
#include <optional>
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

// The pids of a process's descendants, without its own.
std::vector<pid_t> descendants(pid_t ancestor);

// Processes whose argv[0] begins with the prefix. Every user may read argv[0] of every process, and
// a sandbox cannot change that of its outer processes.
struct marked_process {
  pid_t pid = 0;
  std::string mark; // the whole argv[0]
};
std::vector<marked_process> marked_processes(const std::string& prefix);

// The argv[0] of a process; empty if there is no such process any more.
std::string called_as(pid_t pid);

// Identifies the boot of this machine: another text after each boot. Empty if the kernel has none.
std::string boot_id();

} // namespace pawl
