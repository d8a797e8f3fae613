#include "packing/git_program.hpp"

#include "lifecycle/limits.hpp"
#include "posix/child_process.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pawl::packing {

namespace {

namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr std::size_t git_reason_bytes = 4096; // of what it prints when it refuses

std::optional<std::string> find_git() {
  const char* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nobody sets it
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!rest.empty()) {
    auto folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    auto program = fmt::format("{}/git", folder);
    if (folder.starts_with('/') && ::access(program.c_str(), X_OK) == 0)
      return program;
  }
  return std::nullopt;
}

// Ours, without the variables that would lead git to another repository, and without the token: git
// starts programs that a repository names.
std::vector<std::string> environment() {
  constexpr std::array<std::string_view, 11> dropped{
      "GIT_DIR=",          "GIT_WORK_TREE=",
      "GIT_INDEX_FILE=",   "GIT_PREFIX=",
      "GIT_COMMON_DIR=",   "GIT_OBJECT_DIRECTORY=",
      "GIT_NAMESPACE=",    "LC_ALL=",
      "GIT_SHALLOW_FILE=", "GIT_ALTERNATE_OBJECT_DIRECTORIES=",
      "PAWL_TOKEN="};
  std::vector<std::string> kept{"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0"};
  for (char** each = environ; *each != nullptr; ++each) {
    std::string_view variable = *each;
    if (std::none_of(dropped.begin(), dropped.end(),
                     [&](std::string_view name) { return variable.starts_with(name); }))
      kept.emplace_back(variable);
  }
  return kept;
}

struct stream {
  descriptor reading;
  descriptor writing;
  std::string text = {};
};

result<stream> make_stream() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_error("ask git", errno);
  return stream{descriptor{ends[0]}, descriptor{ends[1]}};
}

// Takes what has come. The stream is closed at its end, or when it has more than `most` bytes.
void take(stream& from, std::size_t most) {
  std::array<char, 64 * 1024> buffer{};
  auto got = ::read(from.reading.get(), buffer.data(), buffer.size());
  if (got > 0)
    from.text.append(buffer.data(), static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR) || from.text.size() > most)
    from.reading.reset();
}

// Whether both streams came to their ends in time.
bool take_all(stream& out, stream& err, steady::time_point deadline) {
  while (out.reading || err.reading) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady::now());
    std::array<pollfd, 2> both{pollfd{out.reading.get(), POLLIN, 0},
                               pollfd{err.reading.get(), POLLIN, 0}}; // a closed one is skipped
    auto ready =
        left.count() <= 0 ? 0 : ::poll(both.data(), both.size(), static_cast<int>(left.count()));
    if (ready == 0)
      return false;
    if (ready < 0 && errno != EINTR)
      return false;
    if (ready < 0)
      continue;
    if (both[0].revents != 0)
      take(out, git_answer_bytes);
    if (both[1].revents != 0)
      take(err, git_reason_bytes);
  }
  return true;
}

// The exit status of a process that ends within the time; nothing if it was ended by a signal or
// had to be killed.
std::optional<int> status_of(const child& started, bool in_time) {
  if (!in_time || !wait_for_end(started.process, git_answer_time))
    signal_process(started.process, SIGKILL);
  wait_for_end(started.process, death_timeout);
  siginfo_t end{};
  if (::waitid(P_PIDFD, static_cast<id_t>(started.process.get()), &end, WEXITED | WNOHANG) != 0 ||
      end.si_code != CLD_EXITED)
    return std::nullopt;
  return end.si_status;
}

std::string first_line(const std::string& text) {
  auto line = valid_utf8(text.substr(0, text.find('\n')));
  return line.empty() ? std::string{"it does not say why"} : line;
}

} // namespace

result<std::string> ask_git(const fs::path& directory, std::vector<std::string> words) {
  auto program = find_git();
  if (!program)
    return error{errc::not_found, "git is not installed", {}};
  auto out = make_stream();
  auto err = make_stream();
  auto nothing = open_file("/dev/null", O_RDONLY);
  if (!out || !err)
    return out ? std::move(err).error() : std::move(out).error();
  if (!nothing)
    return std::move(nothing).error();
  launch how;
  how.program = *program;
  // A monitor of the file system is a program of the repository's configuration.
  how.arguments = {"git", "-C", directory.native(), "-c", "core.fsmonitor=false"};
  how.arguments.insert(how.arguments.end(), words.begin(), words.end());
  how.environment = environment();
  how.descriptors = {{nothing->get(), STDIN_FILENO},
                     {out->writing.get(), STDOUT_FILENO},
                     {err->writing.get(), STDERR_FILENO}};
  how.ends_with_starter = true;
  auto started = spawn(how);
  if (!started)
    return std::move(started).error();
  out->writing.reset();
  err->writing.reset();
  bool in_time = take_all(*out, *err, steady::now() + git_answer_time);
  bool fits = out->text.size() <= git_answer_bytes;
  auto status = status_of(*started, in_time && fits);
  auto asked = fmt::format("git {} in {}", words.front(), printable(directory.native()));
  if (!in_time)
    return error{errc::timed_out,
                 fmt::format("{} did not end within {} s; run it to see what takes it so long",
                             asked, git_answer_time.count()),
                 {}};
  if (!fits)
    return error{errc::too_large,
                 fmt::format("{} printed more than {} MiB; move what the app does not need out of "
                             "the directory",
                             asked, git_answer_bytes / limits::mib),
                 {}};
  if (status != 0)
    return error{errc::invalid_argument, first_line(err->text), {}};
  return std::move(out->text);
}

bool has_repository(const fs::path& directory) {
  std::error_code unknown;
  auto place = fs::weakly_canonical(directory, unknown);
  if (unknown)
    return false;
  while (true) {
    if (fs::exists(fs::symlink_status(place / ".git", unknown)))
      return true;
    if (!place.has_relative_path())
      return false;
    place = place.parent_path();
  }
}

} // namespace pawl::packing
