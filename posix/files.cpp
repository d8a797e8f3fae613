#include "posix/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

error system_error(std::string_view doing, int number) {
  constexpr std::array exhausted{ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM, EAGAIN};
  bool full = std::find(exhausted.begin(), exhausted.end(), number) != exhausted.end();
  return {full ? errc::resource_exhausted : errc::unavailable,
          fmt::format("cannot {}: {}", doing, system_reason(number)),
          {{"errno", std::to_string(number)}}};
}

std::string system_reason(int number) {
  return std::generic_category().message(number);
}

result<descriptor> open_file(const fs::path& path, int flags, mode_t mode) {
  descriptor file{::open(path.c_str(), flags | O_CLOEXEC, mode)};
  if (!file)
    return system_error("open " + path.string(), errno);
  return file;
}

result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return system_error("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

result<std::string> read_file(const fs::path& path, std::size_t most) {
  auto file = descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!file && errno == ENOENT)
    return error{errc::not_found, path.string() + " does not exist", {}};
  if (!file)
    return system_error("open " + path.string(), errno);
  std::string bytes;
  std::array<char, 16 * 1024> buffer{};
  while (true) {
    auto got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return system_error("read " + path.string(), errno);
    if (got == 0)
      return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
    if (bytes.size() > most)
      return error{
          errc::too_large, fmt::format("{} has more than {} bytes", path.string(), most), {}};
  }
}

result<void> write_file_durably(const fs::path& path, std::string_view bytes) {
  auto draft = path;
  draft += ".new";
  auto file = open_file(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  if (!file)
    return std::move(file).error();
  if (auto written = write_all(file->get(), bytes); !written)
    return written;
  if (::fsync(file->get()) != 0)
    return system_error("flush " + draft.string(), errno);
  return rename_durably(draft, path);
}

result<void> make_directories(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST)
    return {};
  if (errno != ENOENT || !path.has_relative_path())
    return system_error("create the directory " + path.string(), errno);
  if (auto parent = make_directories(path.parent_path()); !parent)
    return parent;
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST)
    return {};
  return system_error("create the directory " + path.string(), errno);
}

result<void> sync_directory(const fs::path& path) {
  auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!directory)
    return std::move(directory).error();
  if (::fsync(directory->get()) != 0)
    return system_error("flush " + path.string(), errno);
  return {};
}

result<void> sync_file_system(const fs::path& path) {
  auto anything = open_file(path, O_RDONLY);
  if (!anything)
    return std::move(anything).error();
  if (::syncfs(anything->get()) != 0)
    return system_error("flush the file system of " + path.string(), errno);
  return {};
}

result<void> rename_durably(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return system_error(fmt::format("rename {} to {}", from.string(), to.string()), errno);
  if (auto synced = sync_directory(to.parent_path()); !synced)
    return synced;
  if (from.parent_path() == to.parent_path())
    return {};
  return sync_directory(from.parent_path());
}

result<descriptor> memory_file(std::string_view bytes) {
  descriptor file{::memfd_create("pawl", MFD_CLOEXEC)};
  if (!file)
    return system_error("create a file in memory", errno);
  if (auto written = write_all(file.get(), bytes); !written)
    return std::move(written).error();
  if (::lseek(file.get(), 0, SEEK_SET) != 0)
    return system_error("rewind a file in memory", errno);
  return file;
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> found;
  std::error_code problem;
  for (std::filesystem::directory_iterator at{directory, problem}, end; !problem && at != end;
       at.increment(problem))
    if (auto name = at->path().filename().string(); is_plain_name(name))
      found.push_back(std::move(name));
  return found;
}

bool is_plain_name(std::string_view name) {
  auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), plain);
}

} // namespace pawl
