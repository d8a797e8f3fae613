#include "packing/git.hpp"

#include "packing/temporary_place.hpp"
#include "posix/files.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>
#include <git2.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

namespace pawl::packing {

namespace {

namespace fs = std::filesystem;

template <class Handle, void (*Free)(Handle*)>
struct freed_by {
  void operator()(Handle* handle) const { Free(handle); }
};

using repository_ptr =
    std::unique_ptr<git_repository, freed_by<git_repository, git_repository_free>>;
using reference_ptr = std::unique_ptr<git_reference, freed_by<git_reference, git_reference_free>>;
using object_ptr = std::unique_ptr<git_object, freed_by<git_object, git_object_free>>;
using config_ptr = std::unique_ptr<git_config, freed_by<git_config, git_config_free>>;
using status_ptr =
    std::unique_ptr<git_status_list, freed_by<git_status_list, git_status_list_free>>;

// Initialises libgit2 once for the process. Checkouts of other users (as in many CI jobs) are read
// too: git's check of the owner guards against hooks and programs of the configuration, and none is
// ever run here.
void start_library() {
  static const bool started = [] {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    for (int level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
                      GIT_CONFIG_LEVEL_PROGRAMDATA})
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    return true;
  }();
  static_cast<void>(started);
}

repository_ptr open_repository(const fs::path& directory) {
  start_library();
  git_repository* repository = nullptr;
  if (git_repository_open_ext(&repository, directory.c_str(), 0, nullptr) != 0)
    return nullptr;
  return repository_ptr{repository};
}

std::string field(const char* text) {
  if (text == nullptr)
    return {};
  auto valid = valid_utf8(text);
  return std::string{cut_utf8(valid, limits::git_field_bytes)};
}

std::string trimmed(std::string text) {
  auto end = text.find_last_not_of(" \t\r\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

bool is_dirty(git_repository* repository) {
  git_status_options options{};
  git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED;
  git_status_list* list = nullptr;
  if (git_status_list_new(&list, repository, &options) != 0)
    return true; // what cannot be compared is not known to be clean
  return git_status_list_entrycount(status_ptr{list}.get()) > 0;
}

std::string name_of_repository(git_repository* repository) {
  // Not by git_remote_lookup: libgit2 1.5 leaks memory in its search for insteadOf.
  git_config* snapshot = nullptr;
  if (git_repository_config_snapshot(&snapshot, repository) == 0) {
    config_ptr owner{snapshot};
    const char* url = nullptr;
    if (git_config_get_string(&url, snapshot, "remote.origin.url") == 0)
      return field(without_credentials(url).c_str());
  }
  const char* workdir = git_repository_workdir(repository);
  fs::path place = workdir == nullptr ? git_repository_path(repository) : workdir;
  return field(place.parent_path().filename().c_str());
}

} // namespace

std::string without_credentials(std::string_view url) {
  auto scheme = url.find("://");
  if (scheme == std::string_view::npos)
    return std::string{url}; // a path, or user@host:path of ssh, which carries no secret
  auto start = scheme + 3;
  auto path = std::min(url.find('/', start), url.size());
  auto at = url.substr(0, path).rfind('@');
  auto host = at == std::string_view::npos || at < start ? start : at + 1;
  auto end = std::min(url.find_first_of("?#", host), url.size());
  return fmt::format("{}{}", url.substr(0, start), url.substr(host, end - host));
}

std::optional<git_facts> read_git_facts(const fs::path& directory) {
  auto repository = open_repository(directory);
  if (!repository)
    return std::nullopt;
  git_reference* head_given = nullptr;
  if (git_repository_head(&head_given, repository.get()) != 0)
    return std::nullopt;
  reference_ptr head{head_given};
  git_object* object_given = nullptr;
  if (git_reference_peel(&object_given, head.get(), GIT_OBJECT_COMMIT) != 0)
    return std::nullopt;
  object_ptr object{object_given};
  const auto* commit = reinterpret_cast<git_commit*>(object.get()); // peeled to a commit above
  git_facts facts;
  std::array<char, GIT_OID_HEXSZ + 1> sha{};
  git_oid_tostr(sha.data(), sha.size(), git_commit_id(commit));
  facts.sha = sha.data();
  if (git_reference_is_branch(head.get()) != 0)
    facts.branch = field(git_reference_shorthand(head.get()));
  facts.message = trimmed(field(git_commit_message(commit)));
  if (const auto* author = git_commit_author(commit); author != nullptr) {
    facts.author = field(author->name);
    facts.author_email = field(author->email);
  }
  facts.committed_at = timestamp{std::chrono::seconds{git_commit_time(commit)}};
  facts.repository = name_of_repository(repository.get());
  facts.dirty = is_dirty(repository.get());
  return facts;
}

// --- ignoring --------------------------------------------------------------------------------

namespace {

error git_error(std::string_view what) {
  const auto* last = git_error_last();
  return {errc::internal,
          fmt::format("{}: {}", what, last == nullptr ? "libgit2 does not say why" : last->message),
          {}};
}

// A repository that is empty but for the rules: libgit2 ignores only within one.
result<repository_ptr> make_scaffold(fs::path& place) {
  start_library();
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
      place->second.assign(std::istreambuf_iterator<char>{file}, {});
      if (!place->second.empty())
        place->second += "\n";
    }
    return place->second;
  }

  bool ignored(const std::string& rules, const std::string& path) {
    if (!judge_)
      if (auto made = make_scaffold(scaffold_))
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

  bool ignored(const std::string& relative, bool is_directory) const {
    auto path = prefix + relative;
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

} // namespace

ignore_rules::ignore_rules(std::unique_ptr<parts> given) : parts_(std::move(given)) {}
ignore_rules::ignore_rules(ignore_rules&&) noexcept = default;
ignore_rules& ignore_rules::operator=(ignore_rules&&) noexcept = default;
ignore_rules::~ignore_rules() = default;

result<ignore_rules> ignore_rules::read(const fs::path& directory) {
  bool own_file = fs::exists(directory / ".pawlignore");
  if (!own_file) {
    auto repository = open_repository(directory);
    auto prefix = repository ? prefix_within(repository.get(), directory) : std::nullopt;
    if (prefix) {
      fs::path base = git_repository_workdir(repository.get());
      auto within = std::make_unique<parts>(std::move(repository), *prefix);
      within->nested = std::make_unique<nested_rules>(base);
      if (prefix->empty() || !within->named(*prefix, false))
        return ignore_rules{std::move(within)};
    }
  }
  fs::path scaffold;
  auto made = make_scaffold(scaffold);
  auto alone = std::make_unique<parts>(made ? std::move(*made) : nullptr, "");
  alone->scaffold = scaffold;
  if (!made)
    return std::move(made).error();
  auto* repository = alone->repository.get();
  if (own_file) {
    std::ifstream file{directory / ".pawlignore", std::ios::binary};
    std::string rules{std::istreambuf_iterator<char>{file}, {}};
    if (!file || git_ignore_add_rule(repository, (rules + "\n").c_str()) != 0)
      return error{errc::invalid_argument, ".pawlignore cannot be read", {}};
  } else if (git_repository_set_workdir(repository, fs::absolute(directory).c_str(), 0) != 0) {
    return git_error("the ignore rules cannot be read");
  } else {
    alone->nested = std::make_unique<nested_rules>(fs::absolute(directory));
  }
  return ignore_rules{std::move(alone)};
}

bool ignore_rules::ignores(const std::string& path, bool is_directory) const {
  auto name = path.substr(path.rfind('/') + 1);
  return name == ".git" || parts_->ignored(path, is_directory);
}

} // namespace pawl::packing
