#include "engines/process/artifact_tree.hpp"

#include "posix/digest.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

class sealing {
public:
  explicit sealing(const std::stop_token& stop) : stop_(stop) {}

  result<void> directory(int fd, const std::string& path, int depth) {
    if (stop_.stop_requested())
      return error{errc::cancelled, "it was cancelled while its artifact was being stored", {}};
    if (depth > artifact_depth_max)
      return error{
          errc::too_large,
          fmt::format("the build left directories nested deeper than {}", artifact_depth_max),
          {}};
    auto names = names_in(fd, path);
    if (!names)
      return std::move(names).error();
    for (const auto& name : *names)
      if (auto sealed = entry(fd, name, path.empty() ? name : path + "/" + name, depth); !sealed)
        return sealed;
    return {};
  }

  artifact done() { return {sum_.text(), bytes_}; }

private:
  static result<std::vector<std::string>> names_in(int fd, const std::string& path) {
    int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    std::unique_ptr<DIR, int (*)(DIR*)> listing{own < 0 ? nullptr : ::fdopendir(own), &::closedir};
    if (!listing)
      return system_error("list " + path, errno);
    ::rewinddir(listing.get());
    std::vector<std::string> names;
    while (const auto* entry = ::readdir(listing.get())) { // NOLINT(concurrency-mt-unsafe)
      std::string_view name = entry->d_name;
      if (name != "." && name != "..")
        names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  result<void> entry(int parent, const std::string& name, const std::string& path, int depth) {
    struct stat about {};
    if (::fstatat(parent, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0)
      return system_error("look at " + path, errno);
    if (::geteuid() == 0 && ::fchownat(parent, name.c_str(), 0, 0, AT_SYMLINK_NOFOLLOW) != 0)
      return system_error("take over " + path, errno);
    switch (about.st_mode & static_cast<mode_t>(S_IFMT)) {
    case S_IFREG:
      return file(parent, name, path, (about.st_mode & 0111U) != 0);
    case S_IFLNK:
      return link(parent, name, path);
    case S_IFDIR:
      return below(parent, name, path, depth);
    default:
      if (::unlinkat(parent, name.c_str(), 0) != 0)
        return system_error("remove " + path, errno);
      return {};
    }
  }

  result<descriptor> open(int parent, const std::string& name, const std::string& path, mode_t mode,
                          int flags) const {
    // The mode first: a build may leave files that its own user cannot open. No link is followed:
    // the kind of the entry was read just now, and no process of the build runs.
    if (::fchmodat(parent, name.c_str(), mode, 0) != 0)
      return system_error("set the mode of " + path, errno);
    descriptor opened{::openat(parent, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC)};
    if (!opened)
      return system_error("open " + path, errno);
    return opened;
  }

  result<void> below(int parent, const std::string& name, const std::string& path, int depth) {
    auto opened = open(parent, name, path, 0755, O_RDONLY | O_DIRECTORY);
    if (!opened)
      return std::move(opened).error();
    add("directory", path);
    return directory(opened->get(), path, depth + 1);
  }

  result<void> file(int parent, const std::string& name, const std::string& path, bool executable) {
    auto opened = open(parent, name, path, executable ? 0755 : 0644, O_RDONLY);
    if (!opened)
      return std::move(opened).error();
    auto contents = digest_of_file(opened->get());
    struct stat about {};
    if (!contents || ::fstat(opened->get(), &about) != 0)
      return contents ? system_error("look at " + path, errno) : std::move(contents).error();
    bytes_ += static_cast<std::uint64_t>(about.st_size);
    add(executable ? "program" : "file", path);
    add("contents", *contents);
    return {};
  }

  result<void> link(int parent, const std::string& name, const std::string& path) {
    std::array<char, 4096> target{};
    auto size = ::readlinkat(parent, name.c_str(), target.data(), target.size());
    if (size < 0)
      return system_error("read the symlink " + path, errno);
    add("symlink", path);
    add("target", {target.data(), static_cast<std::size_t>(size)});
    return {};
  }

  // With its length in front, one text cannot look like two.
  void add(std::string_view what, std::string_view text) {
    sum_.add(fmt::format("{} {} ", what, text.size()));
    sum_.add(text);
    sum_.add("\n");
  }

  const std::stop_token& stop_;
  digest sum_;
  std::uint64_t bytes_ = 0;
};

} // namespace

result<void> make_mount_places(const std::filesystem::path& tree,
                               const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    auto at = open_file(tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!at)
      return std::move(at).error();
    for (const auto& name : std::filesystem::path{path}) {
      if (::mkdirat(at->get(), name.c_str(), 0755) != 0 && errno != EEXIST)
        return system_error("make the directory " + path + " for a volume", errno);
      descriptor below{
          ::openat(at->get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
      if (!below)
        return error{errc::build_failed,
                     fmt::format("a volume is to be at /app/{}, where the app has something that "
                                 "is no directory: name another path in pawl.toml, or remove it",
                                 path),
                     {{"path", "/app/" + path}}};
      *at = std::move(below);
    }
  }
  return {};
}

result<artifact> seal_tree(const std::filesystem::path& tree, const std::stop_token& stop) {
  if (::chmod(tree.c_str(), 0755) != 0)
    return system_error("set the mode of " + tree.string(), errno);
  auto root = open_file(tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!root)
    return std::move(root).error();
  if (::geteuid() == 0 && ::fchown(root->get(), 0, 0) != 0)
    return system_error("take over " + tree.string(), errno);
  sealing work{stop};
  if (auto sealed = work.directory(root->get(), "", 0); !sealed)
    return std::move(sealed).error();
  return work.done();
}

} // namespace pawl
