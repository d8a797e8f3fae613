#include "posix/program_run.hpp"

#include "posix/child_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include <sys/wait.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::size_t output_bytes = 1024 * 1024;
constexpr std::size_t complaint_bytes = 500;

// The contents of a file in memory, whose position is its writer's.
std::string written_to(const descriptor& file, std::size_t most) {
  std::string text(most, '\0');
  std::size_t size = 0;
  while (size < most) {
    const auto got = ::pread(file.get(), text.data() + size, most - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

std::string on_one_line(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.empty() ? "it gave no reason" : text;
}

// Whether it ended with status 0; it is reaped.
bool succeeded(const descriptor& process) {
  siginfo_t how{};
  return ::waitid(P_PIDFD, static_cast<id_t>(process.get()), &how, WEXITED) == 0 &&
         how.si_code == CLD_EXITED && how.si_status == 0;
}

} // namespace

std::optional<std::string> find_program(std::string_view name) {
  const char* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe)
  std::istringstream places{std::string{path == nullptr ? "" : path} +
                            ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  for (std::string place; std::getline(places, place, ':');) {
    auto candidate = fmt::format("{}/{}", place, name);
    if (place.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0)
      return candidate;
  }
  return std::nullopt;
}

result<std::string> run_program(const program_call& call) {
  auto input = memory_file(call.input);
  auto output = memory_file("");
  auto complaint = memory_file("");
  for (const auto* file : {&input, &output, &complaint})
    if (!*file)
      return file->error();
  launch what;
  what.program = call.program;
  what.arguments = call.arguments;
  what.arguments.insert(what.arguments.begin(), call.program);
  what.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"};
  what.descriptors = {{input->get(), 0}, {output->get(), 1}, {complaint->get(), 2}};
  what.descriptors.insert(what.descriptors.end(), call.descriptors.begin(), call.descriptors.end());
  what.ends_with_starter = true;
  const auto started = spawn(what);
  if (!started)
    return started.error();
  const bool in_time = wait_for_end(started->process, call.timeout);
  if (!in_time)
    signal_process(started->process, SIGKILL);
  if (succeeded(started->process))
    return written_to(*output, output_bytes);
  const auto words = in_time ? on_one_line(written_to(*complaint, complaint_bytes))
                             : fmt::format("it did not end within {} s", call.timeout.count());
  return error{errc::unavailable, fmt::format("{} failed: {}", call.program, words), {}};
}

} // namespace pawl
