// The rules of ignore files, read with libgit2: of .pawlignore, and where the git program does not
// answer those of git.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace pawl::packing {

class ignore_rules {
public:
  // The rules of .pawlignore in a directory that has one: they take the place of git's.
  static result<ignore_rules> of_pawlignore(const std::filesystem::path& directory);

  // The rules of the directory's .gitignore files and of the user's own ignore file. In a
  // repository those of the directories above count too, unless they ignore the directory as a
  // whole, and a file that is tracked is not ignored.
  static result<ignore_rules> of_git(const std::filesystem::path& directory);

  ignore_rules(ignore_rules&&) noexcept;
  ignore_rules& operator=(ignore_rules&&) noexcept;
  ~ignore_rules();

  // `path` is relative to the directory.
  bool ignores(const std::string& path, bool is_directory) const;

private:
  struct parts;
  explicit ignore_rules(std::unique_ptr<parts> given);
  std::unique_ptr<parts> parts_;
};

// Fails for an ignore file that would be read otherwise than git reads it: in UTF-16, with a byte
// that is 0, with a line that ends with a backslash, or with a form feed or vertical tab in a rule.
// A file that is not there is well. Before rules of_git() are asked about what lies beside `file`,
// whose path below `root` names it in errors.
result<void> check_ignore_file(const std::filesystem::path& root,
                               const std::filesystem::path& file);

} // namespace pawl::packing
