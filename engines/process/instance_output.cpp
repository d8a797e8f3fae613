#include "engines/process/instance_output.hpp"

#include "engines/process/sandbox/output_pipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include <unistd.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto writing_timeout = 5s; // for what is in a pipe; longer only if the disk hangs

} // namespace

// Beside the program, as it was built or installed.
result<std::string> log_writer_program() {
  std::error_code unknown;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const auto beside =
      (program.parent_path() / PAWL_MODULE_FOLDER / "pawl-log-writer").lexically_normal();
  if (::access(beside.c_str(), X_OK) == 0)
    return beside.string();
  return error{errc::unavailable,
               fmt::format("the process engine needs {}, which was installed with pawld, and it is "
                           "not there: install Pawl again",
                           beside.string()),
               {}};
}

result<instance_output> instance_output::begin(const descriptor& log,
                                               const std::vector<descriptor>& groups,
                                               std::uint32_t identity,
                                               const redaction_table& redacted) {
  auto program = log_writer_program();
  if (!program)
    return std::move(program).error();
  auto pipe = make_output_pipe();
  if (!pipe)
    return std::move(pipe).error();
  auto nothing = open_file("/dev/null", O_WRONLY);
  if (!nothing)
    return std::move(nothing).error();
  launch what;
  what.program = *program;
  what.arguments = {"pawl-log-writer"};
  if (::geteuid() == 0)
    what.arguments.push_back(std::to_string(identity));
  for (const auto& group : groups)
    what.cgroups.push_back(group.get());
  what.descriptors = {{pipe->reading.get(), 0}, {log.get(), 1}, {nothing->get(), 2}};
  descriptor hidden;
  if (!redacted.is_empty()) {
    auto file = memory_file(redacted.bytes());
    if (!file)
      return std::move(file).error();
    hidden = *std::move(file);
    what.descriptors.emplace_back(hidden.get(), 3);
  }
  auto started = spawn(what);
  if (!started)
    return std::move(started).error();
  const auto size = ::lseek(log.get(), 0, SEEK_END);
  return instance_output{std::move(pipe->writing), std::move(*started),
                         static_cast<std::uint64_t>(std::max<off_t>(size, 0))};
}

void instance_output::finish() {
  end_.reset();
  finish_log_writer(writer_.process);
  writer_.process.reset();
}

void finish_log_writer(const descriptor& writer) {
  if (!writer)
    return;
  signal_process(writer, SIGURG); // ignored by one that has only begun
  if (!wait_for_end(writer, writing_timeout))
    signal_process(writer, SIGKILL);
  wait_for_end(writer, writing_timeout);
  reap(writer);
}

} // namespace pawl
