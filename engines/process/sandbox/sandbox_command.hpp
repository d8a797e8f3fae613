// Runs a command in a sandbox to its end: a build, a release command.
#pragma once

#include "engines/engine.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"

#include <stop_token>

namespace pawl {

struct sandbox_command {
  std::string job; // names its mark and its control group
  sandbox box;     // bubblewrap and mark are filled in
  resource_limits limits;
  duration timeout{};
};

enum class ending : std::uint8_t { exited, timed_out, stopped };

struct command_end {
  pawl::ending ending = ending::exited;
  int status = 0;                      // of one that exited; 128 + signal
  std::uint64_t memory_kills = 0;      // processes that its memory limit has killed
  std::uint64_t processes_refused = 0; // forks that its limit of processes has refused
};

// When this returns, in whichever way, nothing of the command runs any more. Fails: unavailable if
// the sandbox could not be set up, with its own words; resource_exhausted.
result<command_end> run_in_sandbox(const sandbox_host& host, sandbox_command command,
                                   const line_sink& sink, const std::stop_token& stop);

// Of what bubblewrap writes to its status descriptors. The first is nothing until all of its object
// has come, which is written in pieces: closing the pipe between two of them would kill bubblewrap
// (SIGPIPE) before it lets its child begin.
std::optional<pid_t> child_pid_in(std::string_view status);
std::optional<int> exit_code_in(std::string_view status);

} // namespace pawl
