// The resources that a running program has used, as the kernel counts them.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pawl::bench {

struct process_usage {
  double cpu_seconds = 0;     // of all its threads, those that have ended too
  double gone_seconds = 0;    // of its children that have ended, and theirs; to 1/100 s
  std::uint64_t switches = 0; // context switches of the threads that live, of both kinds
  std::uint64_t resident_kib = 0;
  std::uint64_t anonymous_kib = 0;    // of those resident: its own, no pages of files that it maps
  std::uint64_t peak_kib = 0;         // since it began, or since reset_peak()
  std::uint64_t proportional_kib = 0; // shared pages divided among those who share them
};

// Zero for a process that is gone. The sum for several.
process_usage usage_of(pid_t pid);
process_usage usage_of(const std::vector<pid_t>& pids);

// The process and all its descendants.
std::vector<pid_t> family_of(pid_t pid);

// From now on peak_kib is that of the time after this call.
void reset_peak(pid_t pid);

// The cost of one run of a program, from before its start to its end.
struct run_cost {
  double wall_ms = 0;
  double cpu_ms = 0; // in the program and in the kernel for it
  int status = 0;
};

// Runs it with these words and nothing else in its environment than `environment` ("NAME=value"),
// its output thrown away. Throws std::runtime_error if it cannot be started.
run_cost run_once(const std::vector<std::string>& words,
                  const std::vector<std::string>& environment = {});

} // namespace pawl::bench
