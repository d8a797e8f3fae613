#include "packing/ignore_rules.hpp"

#include "lifecycle/written_text.hpp"
#include "packing/libgit.hpp"
#include "packing/temporary_place.hpp"
#include "posix/files.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

namespace pawl::packing {

namespace fs = std::filesystem;

namespace {

error git_error(std::string_view what) {
  const auto* last = git_error_last();
  return {errc::internal,
          fmt::format("{}: {}", what, last == nullptr ? "libgit2 does not say why" : last->message),
          {}};
}

using index_ptr = std::unique_ptr<git_index, freed_by<git_index, git_index_free>>;
using config_ptr = std::unique_ptr<git_config, freed_by<git_config, git_config_free>>;

// A repository that is empty but for the rules: libgit2 ignores only within one. `place` is its
// folder, which the caller removes.
result<repository_ptr> make_scaffold(fs::path& place) {
  start_libgit();
  auto folder = temporary_place();
  if (!folder)
    return std::move(folder).error();
  auto pattern = (*folder / "pawl-ignore.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    return error{errc::unavailable,
                 fmt::format("no temporary directory can be made in {}: {}; set TMPDIR to another "
                             "place",
                             printable(folder->native()), system_reason(errno)),
                 {}};
  place = pattern;
  git_repository* repository = nullptr;
  if (git_repository_init(&repository, pattern.c_str(), 1) != 0)
    return git_error("the ignore rules cannot be read");
  return repository_ptr{repository};
}

// Whether a line ends with a backslash that nothing escapes. To git such a rule matches nothing;
// libgit2 1.5 joins it with the next, which does not count then.
bool joins_lines(std::string_view rules) {
  for (auto end = rules.find("\\\n"); end != std::string_view::npos;
       end = rules.find("\\\n", end + 1)) {
    const auto other = rules.find_last_not_of('\\', end);
    if ((end - other) % 2 == 1) // also if there is no other: npos is -1
      return true;
  }
  return false;
}

// Whether a form feed or a vertical tab stands in a rule. To git it is a character like others;
// libgit2 1.5 ends the rule before it, and never gets past one that nothing is before.
bool has_odd_space(std::string_view rules) {
  constexpr std::string_view odd = "\f\v";
  for (auto place = rules.find_first_of(odd); place != std::string_view::npos;
       place = rules.find_first_of(odd, place + 1)) {
    const auto before = rules.substr(0, place).rfind('\n'); // npos + 1 is 0
    if (rules[before + 1] != '#')
      return true;
  }
  return false;
}

// Fails for rules that libgit2 1.5 reads otherwise than git. `file` is the name for the reader.
result<void> check_rules(std::string_view rules, std::string_view file) {
  auto refusal = [file](std::string_view text) {
    return error{errc::invalid_argument, fmt::format(fmt::runtime(text), printable(file)), {}};
  };
  if (is_utf16(rules))
    return refusal("{} is in UTF-16: save it in UTF-8");
  if (rules.find('\0') != std::string::npos) // libgit2 would read the rules up to it, and no more
    return refusal("{} has a byte that is 0, and is no text so: save it in UTF-8");
  if (joins_lines(std::string{rules} + "\n"))
    return refusal("a line of {} ends with a backslash, and so names nothing: remove it, and "
                   "write / between the parts of a path");
  if (has_odd_space(rules))
    return refusal("a rule of {} has a form feed or a vertical tab in it: remove it");
  return {};
}

// For rules that stand alone: the user's own ignore file does not count beside them.
bool ignore_no_more(git_repository* repository) {
  git_config* given = nullptr;
  if (git_repository_config(&given, repository) != 0)
    return false;
  config_ptr owner{given};
  return git_config_set_string(given, "core.excludesfile", "/dev/null") == 0;
}

// The rules of single .gitignore files. libgit2 1.5 drops a negation that undoes nothing in its own
// file, so that a "!" in a directory below never undoes a rule from above, as it does in git.
class nested_rules {
public:
  explicit nested_rules(fs::path base) : base_(std::move(base)) {}
  nested_rules(const nested_rules&) = delete;
  nested_rules& operator=(const nested_rules&) = delete;
  ~nested_rules() {
    judge_.reset();
    std::error_code ignored;
    if (!scaffold_.empty())
      fs::remove_all(scaffold_, ignored);
  }

  // Whether the nearest ignore file below the root that has a rule for the path includes it again;
  // nothing if none has one. Only for paths that libgit2 ignores.
  std::optional<bool> takes_in(const std::string& path, bool is_directory) {
    auto slash = path.rfind('/');
    for (; slash != std::string::npos && slash > 0; slash = path.rfind('/', slash - 1)) {
      const auto& rules = rules_of(path.substr(0, slash));
      auto rest = path.substr(slash + 1) + (is_directory ? "/" : "");
      if (rules.find('!') != std::string::npos && !ignored("*\n/**\n" + rules, rest))
        return true;
      if (!rules.empty() && ignored(rules, rest))
        return false;
    }
    return std::nullopt;
  }

  // Whether the file in the root names what has this name, wherever it lies.
  bool root_ignores(const std::string& name, bool is_directory) {
    return ignored(rules_of(""), name + (is_directory ? "/" : ""));
  }

private:
  const std::string& rules_of(const std::string& directory) {
    auto [place, is_new] = known_.try_emplace(directory);
    if (is_new) {
      std::ifstream file{base_ / directory / ".gitignore", std::ios::binary};
      std::string text{std::istreambuf_iterator<char>{file}, {}};
      place->second = without_mark(text);
      if (!place->second.empty())
        place->second += "\n";
    }
    return place->second;
  }

  bool ignored(const std::string& rules, const std::string& path) {
    if (!judge_)
      if (auto made = make_scaffold(scaffold_); made && ignore_no_more(made->get()))
        judge_ = std::move(*made);
    int answer = 1;
    return !judge_ || git_ignore_clear_internal_rules(judge_.get()) != 0 ||
           git_ignore_add_rule(judge_.get(), rules.c_str()) != 0 ||
           git_ignore_path_is_ignored(&answer, judge_.get(), path.c_str()) != 0 || answer != 0;
  }

  fs::path base_;
  repository_ptr judge_;
  fs::path scaffold_;
  std::map<std::string, std::string> known_; // a directory, and what its file says
};

} // namespace

struct ignore_rules::parts {
  repository_ptr repository;
  std::string prefix;     // from the working tree to the packed tree: "" or "services/shop/"
  fs::path scaffold = {}; // of a repository that is there only for its rules; removed at the end
  std::unique_ptr<nested_rules> nested = {}; // not with .pawlignore, which is one file
  index_ptr index = {};                      // of the repository, if it has one

  parts(repository_ptr given, std::string given_prefix)
      : repository(std::move(given)), prefix(std::move(given_prefix)) {}
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;
  ~parts() {
    repository.reset();
    std::error_code ignored; // a leftover in the folder for temporary files harms nobody
    if (!scaffold.empty())
      fs::remove_all(scaffold, ignored);
  }

  void read_index() {
    git_index* given = nullptr;
    if (git_repository_index(&given, repository.get()) == 0)
      index.reset(given);
  }

  // Whether the packed tree itself is ignored, and nothing in it tracked.
  bool ignores_all() const {
    return named(prefix, false) && !tracked(prefix.substr(0, prefix.size() - 1), true);
  }

  bool ignored(const std::string& relative, bool is_directory) const {
    auto path = prefix + relative;
    if (tracked(path, is_directory))
      return false;
    // A directory that is ignored is entered only for the files in it that are tracked.
    auto slash = index ? path.find('/') : std::string::npos;
    for (; slash != std::string::npos; slash = path.find('/', slash + 1))
      if (ignored_by_rules(path.substr(0, slash), true))
        return true;
    return ignored_by_rules(path, is_directory);
  }

private:
  // The directory of the path is not ignored.
  bool ignored_by_rules(const std::string& path, bool is_directory) const {
    if (!named(path, is_directory))
      return false;
    auto nearest = nested ? nested->takes_in(path, is_directory) : std::nullopt;
    if (nearest)
      return !*nearest;
    // Named only because its directory is, which was taken in all the same: then its own name
    // counts.
    auto slash = path.rfind('/');
    return !nested || slash == std::string::npos || !named(path.substr(0, slash), true) ||
           nested->root_ignores(path.substr(slash + 1), is_directory);
  }

  // Whether the path, or a path below the directory, is in the index.
  bool tracked(const std::string& path, bool is_directory) const {
    if (!index)
      return false;
    std::size_t place = 0;
    return git_index_get_bypath(index.get(), path.c_str(), 0) != nullptr ||
           (is_directory && git_index_find_prefix(&place, index.get(), (path + "/").c_str()) == 0);
  }

  // By the rules that libgit2 finds; for a directory the slash spares it a look.
  bool named(std::string path, bool is_directory) const {
    if (is_directory)
      path += '/';
    int answer = 0;
    return git_ignore_path_is_ignored(&answer, repository.get(), path.c_str()) == 0 && answer != 0;
  }
};

namespace {

// The path of the tree within the repository's working tree, with a slash at its end; nothing if it
// lies outside.
std::optional<std::string> prefix_within(git_repository* repository, const fs::path& directory) {
  const char* workdir = git_repository_workdir(repository);
  std::error_code problem;
  if (workdir == nullptr)
    return std::nullopt;
  auto relative = fs::relative(directory, workdir, problem);
  if (problem || relative.empty() || *relative.begin() == "..")
    return std::nullopt;
  return relative == "." ? std::string{} : relative.string() + "/";
}

// The ignore files from the base down to the prefix.
result<void> check_down_to(const fs::path& base, const fs::path& prefix) {
  fs::path place;
  auto checked = check_ignore_file(base, ".gitignore");
  for (auto part = prefix.begin(); checked && part != prefix.end(); ++part) {
    place /= *part;
    checked = check_ignore_file(base, place / ".gitignore");
  }
  return checked;
}

// Rules that a new and empty repository holds.
template <class Parts>
result<std::unique_ptr<Parts>> scaffold_parts() {
  fs::path scaffold;
  auto made = make_scaffold(scaffold);
  auto alone = std::make_unique<Parts>(made ? std::move(*made) : nullptr, "");
  alone->scaffold = scaffold;
  if (!made)
    return std::move(made).error();
  return alone;
}

} // namespace

ignore_rules::ignore_rules(std::unique_ptr<parts> given) : parts_(std::move(given)) {}
ignore_rules::ignore_rules(ignore_rules&&) noexcept = default;
ignore_rules& ignore_rules::operator=(ignore_rules&&) noexcept = default;
ignore_rules::~ignore_rules() = default;

result<ignore_rules> ignore_rules::of_pawlignore(const fs::path& directory) {
  auto alone = scaffold_parts<parts>();
  if (!alone)
    return std::move(alone).error();
  auto* repository = (*alone)->repository.get();
  std::ifstream file{directory / ".pawlignore", std::ios::binary};
  std::string rules{std::istreambuf_iterator<char>{file}, {}};
  if (auto checked = check_rules(rules, ".pawlignore"); !checked)
    return std::move(checked).error();
  if (!file || !ignore_no_more(repository) ||
      git_ignore_add_rule(repository, (std::string{without_mark(rules)} + "\n").c_str()) != 0)
    return error{errc::invalid_argument, ".pawlignore cannot be read", {}};
  return ignore_rules{std::move(*alone)};
}

result<void> check_ignore_file(const fs::path& root, const fs::path& file) {
  std::ifstream reader{root / file, std::ios::binary};
  return check_rules(std::string{std::istreambuf_iterator<char>{reader}, {}}, file.native());
}

result<ignore_rules> ignore_rules::of_git(const fs::path& directory) {
  auto repository = open_repository(directory);
  auto prefix = repository ? prefix_within(repository.get(), directory) : std::nullopt;
  if (prefix) {
    fs::path base = git_repository_workdir(repository.get());
    if (auto checked = check_down_to(base, *prefix); !checked)
      return std::move(checked).error();
    auto within = std::make_unique<parts>(std::move(repository), *prefix);
    within->nested = std::make_unique<nested_rules>(base);
    within->read_index();
    if (prefix->empty() || !within->ignores_all())
      return ignore_rules{std::move(within)};
  }
  if (auto checked = check_ignore_file(directory, ".gitignore"); !checked)
    return std::move(checked).error();
  auto alone = scaffold_parts<parts>();
  if (!alone)
    return std::move(alone).error();
  if (git_repository_set_workdir((*alone)->repository.get(), fs::absolute(directory).c_str(), 0) !=
      0)
    return git_error("the ignore rules cannot be read");
  (*alone)->nested = std::make_unique<nested_rules>(fs::absolute(directory));
  return ignore_rules{std::move(*alone)};
}

bool ignore_rules::ignores(const std::string& path, bool is_directory) const {
  return parts_->ignored(path, is_directory);
}

} // namespace pawl::packing
