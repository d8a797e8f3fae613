// Runs a command, a build or a release command, in a sandbox until its end.
#pragma once

#include "engines/engine.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"

#include <stop_token>

namespace pawl {

struct sandbox_command {
  std::string job;          // names its mark and its control group
  std::string cluster = {}; // whose network it has, unless box.network is false
  sandbox box;              // run_in_sandbox() equips it, and fills in isolated
  resource_limits limits;
  duration timeout{};
};

enum class ending : std::uint8_t { exited, timed_out, stopped };

struct command_end {
  pawl::ending ending = ending::exited;
  int status = 0;                      // if it exited; 128 + signal
  std::uint64_t memory_kills = 0;      // processes killed at its memory limit
  std::uint64_t processes_refused = 0; // forks refused at its limit of processes
};

// Blocks until the command has ended, in one of these ways; no process of it runs any more then.
// Fails: unavailable if the sandbox could not be set up, with bubblewrap's message;
// resource_exhausted.
result<command_end> run_in_sandbox(const sandbox_host& host, sandbox_command command,
                                   const line_sink& sink, const std::stop_token& stop);

// Parse the text that bubblewrap writes to its status descriptors. child_pid_in() gives nothing
// until the whole JSON object is there. It is written in pieces: closing the pipe between two of
// them would kill bubblewrap (SIGPIPE) before its child begins.
std::optional<pid_t> child_pid_in(std::string_view status);
std::optional<int> exit_code_in(std::string_view status);

// The pid from sandbox_info_fd, when it has come; nothing if that ends before, or the time does.
// Blocks.
std::optional<pid_t> await_child_pid(const descriptor& info, std::chrono::milliseconds timeout);

} // namespace pawl
