#include "posix/directory_lock.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace pawl {

namespace {

error refused(const std::filesystem::path& file, std::string_view call, int code) {
  return {errc::internal,
          fmt::format("the lock file {} cannot be taken: {}: {}; look at the permissions of the "
                      "data directory",
                      file.native(), call, std::generic_category().message(code)),
          {{"file", file.native()}}};
}

std::string holder(int fd) {
  std::array<char, 32> text{};
  auto size = ::pread(fd, text.data(), text.size(), 0);
  std::string digits;
  for (ssize_t i = 0; i < size; ++i)
    if (char c = text[static_cast<std::size_t>(i)]; c >= '0' && c <= '9')
      digits.push_back(c);
  return digits;
}

error in_use(const std::filesystem::path& directory, int fd) {
  auto pid = holder(fd);
  error problem{errc::unavailable,
                fmt::format("the data directory {} is in use by another server{}{}: stop that "
                            "one, or give this one a data directory of its own",
                            directory.native(), pid.empty() ? "" : ", process ", pid),
                {{"directory", directory.native()}}};
  if (!pid.empty())
    problem.details.emplace("pid", pid);
  return problem;
}

} // namespace

result<directory_lock> directory_lock::take(const std::filesystem::path& directory) {
  auto file = directory / "lock";
  int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return refused(file, "open", errno);
  directory_lock lock{fd};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return in_use(directory, fd);
    return refused(file, "flock", errno);
  }
  auto text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd, 0) != 0)
    return refused(file, "ftruncate", errno);
  if (::pwrite(fd, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return refused(file, "pwrite", errno);
  return lock;
}

result<directory_lock> directory_lock::find(const std::filesystem::path& directory) {
  auto file = directory / "lock";
  int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && errno != ENOENT)
    return refused(file, "open", errno);
  directory_lock lock{fd};
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? in_use(directory, fd) : refused(file, "flock", errno);
  return lock;
}

directory_lock::directory_lock(directory_lock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

directory_lock::~directory_lock() {
  if (fd_ >= 0)
    ::close(fd_);
}

} // namespace pawl
