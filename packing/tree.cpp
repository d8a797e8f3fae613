#include "packing/tree.hpp"

#include "lifecycle/limits.hpp"
#include "posix/files.hpp"
#include "posix/utf8.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

namespace pawl::packing {

namespace {

struct closes_directory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using directory_ptr = std::unique_ptr<DIR, closes_directory>;

std::string_view kind_of(mode_t mode) {
  if (S_ISFIFO(mode))
    return "a named pipe";
  if (S_ISSOCK(mode))
    return "a socket";
  return "a device";
}

// Whether the link's text alone passes the root, as when its target does not exist.
bool climbs_out(std::string_view link, std::string_view target) {
  auto depth = std::count(link.begin(), link.end(), '/');
  while (!target.empty()) {
    auto part = target.substr(0, target.find('/'));
    target.remove_prefix(std::min(part.size() + 1, target.size()));
    if (part == ".." && --depth < 0)
      return true;
    if (!part.empty() && part != "." && part != "..")
      ++depth;
  }
  return false;
}

enum class link_target : std::uint8_t { inside, absolute, outside, itself };

// Inside is also a place that does not exist.
link_target target_of(int root, const std::string& link, const std::string& target) {
  if (target.starts_with('/'))
    return link_target::absolute;
  if (climbs_out(link, target))
    return link_target::outside;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  descriptor reached{
      static_cast<int>(::syscall(SYS_openat2, root, link.c_str(), &how, sizeof(how)))};
  if (reached || (errno != EXDEV && errno != ELOOP))
    return link_target::inside;
  return errno == EXDEV ? link_target::outside : link_target::itself;
}

// Whether an absolute path lies in the directory.
bool is_within(int root, std::string_view path) {
  std::error_code unknown;
  auto place = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", root), unknown);
  return !unknown && path.starts_with(place.native() + "/");
}

// The Python virtual environment that the path lies in: its links lead to this machine's Python.
std::optional<std::string> environment_of(int root, std::string_view path) {
  for (auto slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    auto directory = std::string{path.substr(0, slash)};
    if (::faccessat(root, (directory + "/pyvenv.cfg").c_str(), F_OK, 0) == 0)
      return directory;
  }
  return std::nullopt;
}

class walk {
public:
  walk(int root, left_out& rules, std::size_t most_problems)
      : root_(root), rules_(rules), most_problems_(most_problems) {}

  result<tree_listing> run() {
    if (auto done = visit_directory(""); !done)
      return std::move(done).error();
    std::sort(listing_.entries.begin(), listing_.entries.end(),
              [](const tree_entry& a, const tree_entry& b) { return a.path < b.path; });
    return std::move(listing_);
  }

private:
  void object(std::string_view path, std::string_view text) {
    listing_.problems.push_back(fmt::format("{} {}", printable(path), text));
  }

  bool enough() const { return listing_.problems.size() >= most_problems_; }

  // The names in one directory. Its descriptor is closed before the next level is opened.
  std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    int fd = ::openat(root_, path.empty() ? "." : path.c_str(),
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    directory_ptr directory{fd < 0 ? nullptr : ::fdopendir(fd)};
    if (!directory) {
      object(
          path.empty() ? "." : path,
          fmt::format("cannot be read: {}; make it readable, or ignore it", system_reason(errno)));
      return names;
    }
    while (const auto* each = ::readdir(directory.get())) {
      std::string name = each->d_name;
      if (name != "." && name != "..")
        names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  result<void> visit_directory(const std::string& path) {
    for (const auto& name : names_in(path)) {
      if (enough())
        return {};
      if (auto done = visit(path.empty() ? name : fmt::format("{}/{}", path, name)); !done)
        return done;
    }
    return {};
  }

  result<void> visit(const std::string& path) {
    struct stat about {};
    if (::fstatat(root_, path.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
      object(path, fmt::format("cannot be examined: {}; make its directory readable, or ignore it",
                               system_reason(errno)));
      return {};
    }
    auto is_left_out = rules_.names(path, S_ISDIR(about.st_mode));
    if (!is_left_out)
      return std::move(is_left_out).error();
    if (*is_left_out)
      return {};
    if (!name_fits(path))
      return {};
    if (listing_.entries.size() >= limits::source_entries)
      return error{errc::too_large,
                   fmt::format("the directory has more than {} entries; name what the app does not "
                               "need in {}",
                               limits::source_entries, rules_.file()),
                   {}};
    if (S_ISDIR(about.st_mode)) {
      listing_.entries.push_back({path, entry_kind::directory, true, about.st_mtim});
      return visit_directory(path);
    }
    if (S_ISREG(about.st_mode))
      listing_.entries.push_back(
          {path, entry_kind::file, (about.st_mode & S_IXUSR) != 0, about.st_mtim});
    else if (S_ISLNK(about.st_mode))
      visit_link(path, about.st_mtim);
    else
      object(path, fmt::format("is {}, which cannot be deployed; remove it, or ignore it",
                               kind_of(about.st_mode)));
    return {};
  }

  bool name_fits(const std::string& path) {
    if (!is_utf8(path))
      object(path, "has a name that is not UTF-8; rename it, or ignore it");
    else if (path.size() > limits::source_path_bytes ||
             static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) >=
                 limits::source_path_depth)
      object(path, "lies too deep, or has too long a path; move it, or ignore it");
    else
      return true;
    return false;
  }

  void visit_link(const std::string& path, const std::timespec& modified) {
    std::array<char, limits::source_path_bytes> buffer{};
    auto length = ::readlinkat(root_, path.c_str(), buffer.data(), buffer.size());
    if (length <= 0 || static_cast<std::size_t>(length) == buffer.size())
      return object(path, "is a symlink that cannot be read; remove it, or ignore it");
    std::string target{buffer.data(), static_cast<std::size_t>(length)};
    if (!is_utf8(target))
      return object(path, "is a symlink to a name that is not UTF-8; remove it, or ignore it");
    if (auto where = target_of(root_, path, target); where != link_target::inside)
      return object_to_link(path, target, where);
    listing_.entries.push_back({path, entry_kind::symlink, false, modified, std::move(target)});
  }

  void object_to_link(const std::string& path, const std::string& target, link_target where) {
    if (where == link_target::itself)
      return object(path, "is a symlink that leads to itself; remove it");
    if (auto environment = environment_of(root_, path)) {
      if (environments_.insert(*environment).second)
        object(*environment,
               fmt::format("is a virtual environment of this machine's Python, which the server "
                           "does not have; leave it out (add {}/ to {}), and make it in the build",
                           printable(*environment), rules_.file()));
      return;
    }
    auto kind = where == link_target::absolute ? fmt::format("to the absolute path {}", target)
                                               : "that leads out of the directory, to " + target;
    auto remedy =
        where == link_target::absolute && is_within(root_, target)
            ? std::string{"make it relative"}
            : fmt::format("leave it out (add /{} to {}) and make it in the build, or copy "
                          "what it leads to instead",
                          printable(path), rules_.file());
    object(path, fmt::format("is a symlink {}; {}", printable(kind), remedy));
  }

  int root_;
  left_out& rules_;
  std::size_t most_problems_;
  std::set<std::string> environments_; // virtual environments that were reported
  tree_listing listing_;
};

} // namespace

result<tree_listing> list_tree(int root, left_out& rules, std::size_t most_problems) {
  return walk{root, rules, most_problems}.run();
}

} // namespace pawl::packing
