#include "sources/tar/tar_reading.hpp"

#include "lifecycle/limits.hpp"
#include "posix/files.hpp"
#include "posix/tree_removal.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pawl {

namespace {

// Opens a path below the root through no symlink, neither one of the tar nor one that is made there
// meanwhile.
int open_beneath(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

std::pair<std::string, std::string> split(const std::string& path) {
  auto slash = path.rfind('/');
  if (slash == std::string::npos)
    return {".", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

// Gets the entries and does nothing.
class looking : public tar_visitor {
public:
  result<void> directory(const tar_entry& /*entry*/) override { return {}; }
  result<file_contents> file(const tar_entry& /*entry*/) override { return file_contents::skipped; }
  result<void> contents(std::string_view /*bytes*/) override { return {}; }
  result<void> symlink(const tar_entry& /*entry*/) override { return {}; }
};

class unpacking : public tar_visitor {
public:
  unpacking(int root, std::optional<std::uint32_t> owner, bool with_times)
      : root_(root), owner_(owner), with_times_(with_times) {}

  result<void> directory(const tar_entry& entry) override {
    auto made = open_directory(entry.name);
    if (!made)
      return std::move(made).error();
    directories_.emplace_back(entry.name, entry.modified);
    return {};
  }

  result<file_contents> file(const tar_entry& entry) override {
    const auto& path = entry.name;
    auto [parent, name] = split(path);
    if (auto entered = enter(parent); !entered)
      return std::move(entered).error();
    modified_ = entry.modified;
    mode_t mode = entry.executable ? 0755 : 0644;
    file_ = descriptor{::openat(parent_.get(), name.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)};
    if (!file_)
      return system_error("create " + path, errno);
    if (::fchmod(file_.get(), mode) != 0)
      return system_error("set the mode of " + path, errno);
    if (owner_ && ::fchown(file_.get(), *owner_, *owner_) != 0)
      return system_error("give away " + path, errno);
    return file_contents::wanted;
  }

  result<void> contents(std::string_view bytes) override { return write_all(file_.get(), bytes); }

  result<void> end_of_contents() override { return set_time(file_.get(), modified_); }

  result<void> symlink(const tar_entry& entry) override {
    links_.push_back(entry);
    return {};
  }

  // Only once all files are written and every link is known to lead inside.
  result<void> create_links() {
    for (const auto& entry : links_) {
      const auto& path = entry.name;
      auto [parent, name] = split(path);
      if (auto entered = enter(parent); !entered)
        return entered;
      if (::symlinkat(entry.target.c_str(), parent_.get(), name.c_str()) != 0)
        return system_error("create the symlink " + path, errno);
      if (owner_ &&
          ::fchownat(parent_.get(), name.c_str(), *owner_, *owner_, AT_SYMLINK_NOFOLLOW) != 0)
        return system_error("give away " + path, errno);
      std::array<std::timespec, 2> times{entry.modified, entry.modified};
      if (with_times_ &&
          ::utimensat(parent_.get(), name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
        return system_error("set the time of " + path, errno);
    }
    return {};
  }

  // At the end: each entry that is made changes the time of its directory.
  result<void> set_times_of_directories() {
    if (!with_times_)
      return {};
    for (const auto& [path, modified] : directories_) {
      auto opened = open_directory(path);
      if (!opened)
        return std::move(opened).error();
      if (auto set = set_time(opened->get(), modified); !set)
        return set;
    }
    return {};
  }

private:
  result<void> set_time(int fd, const std::timespec& modified) const {
    std::array<std::timespec, 2> times{modified, modified};
    if (with_times_ && ::futimens(fd, times.data()) != 0)
      return system_error("set the time of a file", errno);
    return {};
  }

  result<void> enter(const std::string& directory) {
    if (parent_ && directory == parent_path_)
      return {};
    auto opened = open_directory(directory);
    if (!opened)
      return std::move(opened).error();
    parent_ = std::move(*opened);
    parent_path_ = directory;
    return {};
  }

  result<descriptor> open_directory(const std::string& path) {
    descriptor found{open_beneath(root_, path, O_RDONLY | O_DIRECTORY)};
    if (found)
      return found;
    if (errno != ENOENT)
      return system_error("enter " + path, errno);
    auto [parent_path, name] = split(path);
    auto parent = open_directory(parent_path);
    if (!parent)
      return parent;
    if (::mkdirat(parent->get(), name.c_str(), 0755) != 0)
      return system_error("create the directory " + path, errno);
    found = descriptor{
        ::openat(parent->get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!found)
      return system_error("enter " + path, errno);
    if (::fchmod(found.get(), 0755) != 0)
      return system_error("set the mode of " + path, errno);
    if (owner_ && ::fchown(found.get(), *owner_, *owner_) != 0)
      return system_error("give away " + path, errno);
    return found;
  }

  int root_;
  std::optional<std::uint32_t> owner_;
  descriptor parent_; // of the last entry: archives come in order
  std::string parent_path_;
  bool with_times_;
  descriptor file_;
  std::timespec modified_{}; // of that file
  std::vector<tar_entry> links_;
  std::vector<std::pair<std::string, std::timespec>> directories_;
};

result<tar_facts> unpack_into(int tar, std::uint64_t bytes, const std::filesystem::path& directory,
                              std::optional<std::uint32_t> owner, bool with_times) {
  if (::mkdir(directory.c_str(), 0700) != 0)
    return system_error("create the directory " + directory.string(), errno);
  auto root = open_file(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!root)
    return std::move(root).error();
  if (owner && ::fchown(root->get(), *owner, *owner) != 0)
    return system_error("give away " + directory.string(), errno);
  unpacking visitor{root->get(), owner, with_times};
  auto facts = read_tar(tar, bytes, visitor);
  if (!facts)
    return facts;
  if (auto linked = visitor.create_links(); !linked)
    return std::move(linked).error();
  if (auto set = visitor.set_times_of_directories(); !set)
    return std::move(set).error();
  return facts;
}

} // namespace

result<tar_facts> unpack_tar(const std::filesystem::path& tar,
                             const std::filesystem::path& directory, const unpack_limits& most,
                             std::optional<std::uint32_t> owner) {
  auto file = open_file(tar, O_RDONLY | O_NOFOLLOW);
  if (!file)
    return std::move(file).error();
  struct stat about {};
  if (::fstat(file->get(), &about) != 0)
    return system_error("look at " + tar.string(), errno);
  auto bytes = static_cast<std::uint64_t>(about.st_size);
  if (bytes > most.tar_bytes)
    return error{errc::too_large,
                 fmt::format("the source has {} bytes; the limit is {}", bytes, most.tar_bytes),
                 {}};
  // The tar is read once before, so that nothing is written for one that breaks a rule.
  looking look;
  auto clean = read_tar(file->get(), bytes, look);
  if (!clean)
    return clean;
  if (clean->disk_bytes > most.disk_bytes)
    return error{errc::resource_exhausted,
                 fmt::format("the unpacked source would take {} MiB of the disk, and may take {} "
                             "([limits] build_disk of the server's configuration). Leave out what "
                             "the app does not need (.pawlignore), or ask for more",
                             clean->disk_bytes / limits::mib, most.disk_bytes / limits::mib),
                 {{"reason", "disk"}, {"limit", std::to_string(most.disk_bytes)}}};
  bool fresh = ::access(directory.c_str(), F_OK) != 0;
  auto facts = unpack_into(file->get(), bytes, directory, owner, clean->has_times);
  if (!facts && fresh)
    if (auto removed = remove_tree(directory); !removed)
      return std::move(removed).error();
  return facts;
}

} // namespace pawl
