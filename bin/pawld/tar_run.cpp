#include "bin/pawld/tar_run.hpp"

#include "posix/files.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace pawl {

namespace {

constexpr const char* tar = "/usr/bin/tar"; // in every Debian

result<pid_t> begin_program(std::vector<std::string> arguments, std::string_view doing,
                            const posix_spawn_file_actions_t* actions) {
  arguments.insert(arguments.begin(), tar);
  std::vector<char*> pointers;
  for (auto& one : arguments)
    pointers.push_back(one.data());
  pointers.push_back(nullptr);
  std::string locale = "LC_ALL=C.UTF-8";
  std::array<char*, 2> environment{locale.data(), nullptr};
  pid_t pid = 0;
  if (int code = ::posix_spawn(&pid, tar, actions, nullptr, pointers.data(), environment.data()))
    return system_error(fmt::format("{} with {}", doing, tar), code);
  return pid;
}

result<void> wait_for_end(pid_t pid, std::string_view doing,
                          live_files changing = live_files::refused) {
  constexpr int some_files_differ = 1;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const int ended = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (ended == 0 || (ended == some_files_differ && changing == live_files::taken))
    return {};
  return error{errc::unavailable, fmt::format("cannot {}: {} failed, see above", doing, tar), {}};
}

} // namespace

result<void> run_tar(std::vector<std::string> arguments, std::string_view doing,
                     live_files changing) {
  auto pid = begin_program(std::move(arguments), doing, nullptr);
  return pid ? wait_for_end(*pid, doing, changing) : result<void>{std::move(pid).error()};
}

result<tar_reader> tar_reader::begin(std::vector<std::string> arguments, std::string_view doing) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_error(doing, errno);
  descriptor output{ends[0]};
  const descriptor input{ends[1]};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
  auto pid = begin_program(std::move(arguments), doing, &actions);
  ::posix_spawn_file_actions_destroy(&actions);
  if (!pid)
    return std::move(pid).error();
  return tar_reader{*pid, std::move(output), std::string{doing}};
}

tar_reader::tar_reader(pid_t pid, descriptor output, std::string doing)
    : pid_(pid), output_(std::move(output)), doing_(std::move(doing)) {}

tar_reader::tar_reader(tar_reader&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), output_(std::move(other.output_)),
      doing_(std::move(other.doing_)) {}

// It ends when nobody reads any more.
tar_reader::~tar_reader() {
  output_.reset();
  if (pid_ != 0)
    static_cast<void>(wait_for_end(pid_, doing_));
}

result<void> tar_reader::finish() {
  output_.reset();
  return wait_for_end(std::exchange(pid_, 0), doing_);
}

} // namespace pawl
