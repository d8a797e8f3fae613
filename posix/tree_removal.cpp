#include "posix/tree_removal.hpp"

#include "posix/files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

using listing = std::unique_ptr<DIR, int (*)(DIR*)>;

constexpr mode_t usable = 0700;

// An empty pointer, with errno, if there is no such directory.
listing list(int parent, const char* name) {
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  descriptor opened{::openat(parent, name, flags)};
  if (!opened && errno == EACCES && ::fchmodat(parent, name, usable, 0) == 0)
    opened = descriptor{::openat(parent, name, flags)};
  if (!opened)
    return {nullptr, &::closedir};
  ::fchmod(opened.get(), usable); // what is in it cannot be removed otherwise; fails for a stranger
  listing made{::fdopendir(opened.get()), &::closedir};
  if (made)
    opened.release();
  return made;
}

bool is_entry(std::string_view name) {
  return name != "." && name != "..";
}

class removal {
public:
  explicit removal(listing top) : top_(std::move(top)) {}

  // Removes all that is in the top.
  result<void> run() {
    while (true) {
      ::rewinddir(top_.get());
      std::size_t seen = 0;
      while (const auto* entry = ::readdir(top_.get())) { // NOLINT(concurrency-mt-unsafe)
        if (!is_entry(entry->d_name))
          continue;
        ++seen;
        if (auto gone = remove(entry->d_name); !gone)
          return gone;
      }
      if (seen == 0)
        return {};
    }
  }

private:
  int top() const { return ::dirfd(top_.get()); }

  result<void> remove(const std::string& name) {
    if (::unlinkat(top(), name.c_str(), 0) == 0)
      return {};
    const int why = errno;
    if (why != EISDIR && why != EPERM)
      return system_error("remove " + name, why);
    auto inside = list(top(), name.c_str());
    if (!inside)
      return system_error("remove " + name, errno == ENOTDIR ? why : errno);
    while (::unlinkat(top(), name.c_str(), AT_REMOVEDIR) != 0) {
      if (errno != ENOTEMPTY && errno != EEXIST)
        return system_error("remove the directory " + name, errno);
      if (auto emptied = empty(inside.get()); !emptied)
        return emptied;
    }
    return {};
  }

  // Once through the directory: what has no entries is removed, the rest moved to the top.
  result<void> empty(DIR* inside) {
    const int from = ::dirfd(inside);
    ::rewinddir(inside);
    bool moved = false;
    while (const auto* entry = ::readdir(inside)) { // NOLINT(concurrency-mt-unsafe)
      if (!is_entry(entry->d_name))
        continue;
      if (::unlinkat(from, entry->d_name, 0) != 0 &&
          ::unlinkat(from, entry->d_name, AT_REMOVEDIR) != 0)
        if (auto up = move_up(from, entry->d_name); !up)
          return up;
      moved = true;
    }
    if (!moved)
      return system_error("remove a directory that shows no entries", ENOTEMPTY);
    return {};
  }

  result<void> move_up(int from, const char* name) {
    while (true) {
      const auto to = fmt::format("{:x}", next_++);
      if (::renameat(from, name, top(), to.c_str()) == 0)
        return {};
      const int why = errno;
      if (why == EACCES && ::fchmodat(from, name, usable, 0) == 0 &&
          ::renameat(from, name, top(), to.c_str()) == 0)
        return {};
      // Something of that name is there.
      if (why != ENOTEMPTY && why != EEXIST && why != ENOTDIR)
        return system_error(fmt::format("remove {}", name), why);
    }
  }

  listing top_;
  std::uint64_t next_ = 0; // name of the next directory that is moved
};

} // namespace

result<void> remove_tree(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR)
    return {};
  auto top = list(AT_FDCWD, path.c_str());
  if (!top)
    return system_error("remove " + path.string(), errno);
  if (auto emptied = removal{std::move(top)}.run(); !emptied) {
    auto why = std::move(emptied).error();
    why.message = fmt::format("{} (in {})", why.message, path.string());
    return why;
  }
  if (::rmdir(path.c_str()) != 0)
    return system_error("remove " + path.string(), errno);
  return {};
}

} // namespace pawl
