// What the kernel says of processes, by /proc. A process is the same one as before only if its pid,
// its start time and the machine's boot are.
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

// Nothing if there is no such process.
std::optional<process_entry> find_process(pid_t pid);

// Whether that very process exists and has not ended.
bool is_running(pid_t pid, std::uint64_t started);

// All that have not ended.
std::vector<process_entry> all_processes();

// The descendants of a process, itself left out.
std::vector<pid_t> descendants(pid_t ancestor);

// Processes whose argv[0] begins so. argv[0] is what every user may read of every process, and what
// a sandbox cannot change of its outer processes.
struct marked_process {
  pid_t pid = 0;
  std::string mark; // the whole argv[0]
};
std::vector<marked_process> marked_processes(const std::string& prefix);

// Changes with each boot.
// How a process was called: its argv[0]; empty if there is none such, or none any more.
std::string called_as(pid_t pid);

std::string boot_id();

} // namespace pawl
