#include "posix/directory_lock.hpp"

#include "posix/child_process.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace pawl {

namespace {

error refused(const std::filesystem::path& file, std::string_view call, int code) {
  return {errc::internal,
          fmt::format("the lock file {} cannot be taken: {}: {}; look at the permissions of the "
                      "data directory",
                      file.native(), call, system_reason(code)),
          {{"file", file.native()}}};
}

// The pid in the lock's file; empty if there is none.
std::string holder(const descriptor& file) {
  std::array<char, 32> text{};
  auto size = ::pread(file.get(), text.data(), text.size(), 0);
  std::string digits;
  for (ssize_t i = 0; i < size; ++i)
    if (char c = text[static_cast<std::size_t>(i)]; c >= '0' && c <= '9')
      digits.push_back(c);
  return digits;
}

// A zombie is none: it has closed its files.
bool lives(const std::string& pid) {
  auto process = open_process(static_cast<pid_t>(std::atoi(pid.c_str())));
  return process && !wait_for_end(process, std::chrono::milliseconds{0});
}

error in_use(const std::filesystem::path& directory, const descriptor& file) {
  auto pid = holder(file);
  if (!pid.empty() && !lives(pid))
    return {errc::unavailable,
            fmt::format("the data directory {0} is still locked: the server that used it, process "
                        "{1}, has ended, and a process that it had started has not. Find that one "
                        "with \"fuser {0}/lock\", and end it",
                        directory.native(), pid),
            {{"directory", directory.native()}}};
  error problem{errc::unavailable,
                fmt::format("the data directory {} is in use by another server{}{}: stop that "
                            "one, or give this one a data directory of its own",
                            directory.native(), pid.empty() ? "" : ", process ", pid),
                {{"directory", directory.native()}}};
  if (!pid.empty())
    problem.details.emplace("pid", pid);
  return problem;
}

// Zero, or the error's number; EWOULDBLOCK when the time is over.
int lock(const descriptor& file, std::chrono::milliseconds wait) {
  constexpr auto pause = std::chrono::milliseconds{20};
  const auto end = std::chrono::steady_clock::now() + wait;
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= end)
      return errno;
    std::this_thread::sleep_for(pause);
  }
  return 0;
}

result<void> lock_in(const std::filesystem::path& directory, const descriptor& file,
                     std::chrono::milliseconds wait) {
  const int problem = lock(file, wait);
  if (problem == 0)
    return {};
  return problem == EWOULDBLOCK ? in_use(directory, file)
                                : refused(directory / "lock", "flock", problem);
}

} // namespace

result<directory_lock> directory_lock::take(const std::filesystem::path& directory,
                                            std::chrono::milliseconds wait) {
  auto path = directory / "lock";
  descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file)
    return refused(path, "open", errno);
  if (auto locked = lock_in(directory, file, wait); !locked)
    return std::move(locked).error();
  auto text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file.get(), 0) != 0)
    return refused(path, "ftruncate", errno);
  if (::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return refused(path, "pwrite", errno);
  return directory_lock{std::move(file)};
}

result<directory_lock> directory_lock::find(const std::filesystem::path& directory,
                                            std::chrono::milliseconds wait) {
  auto path = directory / "lock";
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!file && errno != ENOENT)
    return refused(path, "open", errno);
  if (file)
    if (auto locked = lock_in(directory, file, wait); !locked)
      return std::move(locked).error();
  return directory_lock{std::move(file)};
}

} // namespace pawl
