// The git facts of a directory (its commit), and its rules for ignored files. Read with libgit2,
// which runs no hooks and no programs. The user's own git configuration (such as a global ignore
// file) is not read: the same tree gives the same source on every machine.
#pragma once

#include "lifecycle/deployment.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace pawl::packing {

// The commit that the directory stands on: nothing if it is in no repository, or in one without a
// commit. Texts are valid UTF-8, at most limits::git_field_bytes long. `dirty` counts untracked
// files too. Without a remote "origin", `repository` is the name of the working tree's directory;
// names and passwords in its URL are left out.
std::optional<git_facts> read_git_facts(const std::filesystem::path& directory);

// The URL without user, password, query and fragment, as records may keep it.
std::string without_credentials(std::string_view url);

// Which entries of one tree are left out when it is packed: those that .pawlignore in its root
// names, or without it those of its .gitignore files, with the rules of git. Rules decide, not the
// index: a file that is ignored and tracked is left out. `.git` always is.
class ignore_rules {
public:
  // Reads the rules of a directory that exists. In a repository the rules of the directories above
  // count too, unless they ignore the tree as a whole.
  static result<ignore_rules> read(const std::filesystem::path& directory);

  ignore_rules(ignore_rules&&) noexcept;
  ignore_rules& operator=(ignore_rules&&) noexcept;
  ~ignore_rules();

  // `path` is relative to the tree's root.
  bool ignores(const std::string& path, bool is_directory) const;

private:
  struct parts;
  explicit ignore_rules(std::unique_ptr<parts> given);
  std::unique_ptr<parts> parts_;
};

} // namespace pawl::packing
