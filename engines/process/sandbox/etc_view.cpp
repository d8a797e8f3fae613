#include "engines/process/sandbox/etc_view.hpp"

#include "engines/process/sandbox/etc_rules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_entries = 20'000;
constexpr std::size_t most_depth = 16;
constexpr std::size_t most_mounts = 1'000;

// Where links may lead: the same in a sandbox.
constexpr auto shown_places = std::to_array<std::string_view>(
    {"/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/proc/", "/dev/"});

bool for_all(mode_t mode) {
  return S_ISDIR(mode) ? (mode & 05) == 05 : S_ISREG(mode) && (mode & 04) != 0;
}

// Whether every user may read the file at a path without links.
bool readable_by_all(const fs::path& real) {
  struct stat about {};
  if (::stat(real.c_str(), &about) != 0 || !S_ISREG(about.st_mode) || !for_all(about.st_mode))
    return false;
  for (auto folder = real.parent_path();; folder = folder.parent_path()) {
    if (::stat(folder.c_str(), &about) != 0 || (about.st_mode & 01) == 0)
      return false;
    if (folder == folder.root_path())
      return true;
  }
}

bool is_below(const fs::path& path, const fs::path& folder) {
  const std::string_view inner = path.native();
  const std::string_view outer = folder.native();
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

std::string link_text(int directory, const std::string& name) {
  std::array<char, 4096> text{};
  auto got = ::readlinkat(directory, name.c_str(), text.data(), text.size());
  return got <= 0 ? "" : std::string{text.data(), static_cast<std::size_t>(got)};
}

std::vector<fs::path> real_paths(const std::vector<fs::path>& paths) {
  std::vector<fs::path> real;
  std::error_code ignored;
  for (const auto& path : paths)
    real.push_back(fs::weakly_canonical(path, ignored));
  return real;
}

// A folder of /etc, as it is to be shown.
struct folder_view {
  bool whole = true;            // all of it may be shown
  std::vector<file_step> steps; // otherwise these show the rest
};

class looker {
public:
  looker(const etc_source& source, std::string at)
      : from_(source.from), at_(std::move(at)), own_(real_paths(source.own)) {}

  // Folders are held open, so that no one who may write one of them can exchange it for a link
  // meanwhile. `path` is that of the folder below /etc.
  folder_view look(descriptor folder, const std::string& path, const std::set<std::string>& but,
                   std::size_t depth) {
    folder_view view;
    DIR* listed = ::fdopendir(folder.get());
    if (listed == nullptr)
      return {false, {}};
    const int at = folder.release();                // closedir() closes it
    while (const auto* entry = ::readdir(listed)) { // NOLINT(concurrency-mt-unsafe): its own
      const std::string name{entry->d_name};
      if (name == "." || name == ".." || but.contains(name))
        continue;
      if (++entries_ > most_entries)
        view.whole = false;
      else
        add_entry(at, name, path.empty() ? name : path + "/" + name, depth, view);
    }
    ::closedir(listed);
    return view;
  }

private:
  void add_entry(int folder, const std::string& name, const std::string& path, std::size_t depth,
                 folder_view& view) {
    struct stat about {};
    const bool known = may_be_shown(path) && !is_own(from_ / path) &&
                       ::fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
    if (known && S_ISLNK(about.st_mode))
      add_link(link_text(folder, name), path, view);
    else if (!known || !for_all(about.st_mode))
      view.whole = false;
    else if (S_ISREG(about.st_mode))
      add_mount(file_step::kind::file_mount, from_ / path, path, view);
    else
      add_folder(folder, name, path, depth, view);
  }

  void add_folder(int folder, const std::string& name, const std::string& path, std::size_t depth,
                  folder_view& view) {
    descriptor inner{
        ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    auto shown = inner && depth < most_depth ? look(std::move(inner), path, {}, depth + 1)
                                             : folder_view{.whole = false, .steps = {}};
    if (!shown.whole) {
      view.whole = false;
      view.steps.push_back({file_step::kind::folder, at_ + "/" + path, ""});
      std::move(shown.steps.begin(), shown.steps.end(), std::back_inserter(view.steps));
      return;
    }
    add_mount(file_step::kind::folder_mount, from_ / path, path, view);
  }

  void add_link(const std::string& text, const std::string& path, folder_view& view) const {
    const auto target = ((from_ / path).parent_path() / text).lexically_normal();
    const bool leads_here =
        is_below(target, from_) ||
        std::any_of(shown_places.begin(), shown_places.end(),
                    [&](std::string_view place) { return target.native().starts_with(place); });
    if (!text.empty() && leads_here) {
      view.steps.push_back({file_step::kind::link, at_ + "/" + path, text});
      return;
    }
    view.whole = false;
    std::error_code dangling;
    const auto real = fs::canonical(from_ / path, dangling);
    if (!dangling && !is_own(real) && readable_by_all(real))
      add_mount(file_step::kind::file_mount, real, path, view);
  }

  void add_mount(file_step::kind kind, const fs::path& from, const std::string& path,
                 folder_view& view) const {
    view.steps.push_back({kind, at_ + "/" + path, from.native(), false});
  }

  bool is_own(const fs::path& path) const {
    return std::any_of(own_.begin(), own_.end(),
                       [&](const fs::path& mine) { return is_below(path, mine); });
  }

  const fs::path from_;
  const std::string at_;
  const std::vector<fs::path> own_;
  std::size_t entries_ = 0;
};

} // namespace

std::vector<file_step> etc_view(const etc_source& source, const std::string& at,
                                const std::map<std::string, std::string>& instead) {
  std::vector<file_step> steps{{file_step::kind::folder, at, ""}};
  std::set<std::string> replaced;
  for (const auto& [name, contents] : instead) {
    steps.push_back({file_step::kind::file, at + "/" + name, contents});
    replaced.insert(name);
  }
  auto folder = open_file(source.from, O_RDONLY | O_DIRECTORY);
  if (!folder)
    return steps;
  std::size_t mounts = 0;
  for (auto& step : looker{source, at}.look(std::move(*folder), "", replaced, 0).steps)
    if (!step.is_mount() || ++mounts <= most_mounts)
      steps.push_back(std::move(step));
  return steps;
}

} // namespace pawl
