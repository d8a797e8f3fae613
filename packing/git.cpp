#include "packing/git.hpp"

#include "packing/git_program.hpp"
#include "packing/libgit.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::packing {

namespace {

namespace fs = std::filesystem;

using reference_ptr = std::unique_ptr<git_reference, freed_by<git_reference, git_reference_free>>;
using object_ptr = std::unique_ptr<git_object, freed_by<git_object, git_object_free>>;
using config_ptr = std::unique_ptr<git_config, freed_by<git_config, git_config_free>>;
using status_ptr =
    std::unique_ptr<git_status_list, freed_by<git_status_list, git_status_list_free>>;

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

// By libgit2, where the git program does not answer.
bool seems_dirty(git_repository* repository) {
  git_status_options options{};
  git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION);
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED;
  git_status_list* list = nullptr;
  if (git_status_list_new(&list, repository, &options) != 0)
    return true; // what cannot be compared is not known to be clean
  return git_status_list_entrycount(status_ptr{list}.get()) > 0;
}

// As `git status` shows it, but always with untracked files and changed submodules, which are sent
// whatever the user's configuration hides.
bool is_dirty(git_repository* repository, const fs::path& directory) {
  auto status = ask_git(directory, {"status", "--porcelain", "-z", "--untracked-files=normal",
                                    "--ignore-submodules=none"});
  if (status)
    return !status->empty();
  return status.error().code == errc::too_large || seems_dirty(repository);
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
  facts.dirty = is_dirty(repository.get(), directory);
  return facts;
}

} // namespace pawl::packing
