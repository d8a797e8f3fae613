#include "posix/directory_lock.hpp"

#include "posix/files.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
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

error in_use(const std::filesystem::path& directory, const descriptor& file) {
  auto pid = holder(file);
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
  auto path = directory / "lock";
  descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file)
    return refused(path, "open", errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? in_use(directory, file) : refused(path, "flock", errno);
  auto text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file.get(), 0) != 0)
    return refused(path, "ftruncate", errno);
  if (::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return refused(path, "pwrite", errno);
  return directory_lock{std::move(file)};
}

result<directory_lock> directory_lock::find(const std::filesystem::path& directory) {
  auto path = directory / "lock";
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!file && errno != ENOENT)
    return refused(path, "open", errno);
  if (file && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? in_use(directory, file) : refused(path, "flock", errno);
  return directory_lock{std::move(file)};
}

} // namespace pawl
