// Decides which entries of a tree are not sent, and finds those that are there by name only.
#pragma once

#include "packing/ignore_rules.hpp"

#include <map>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace pawl::packing {

// Left out is what .pawlignore in the root of the tree names. Without it git decides: what
// `git status` would neither show nor commit is left out, so a file that is tracked is sent, and a
// file that is named by an ignore file of the repository or of its user is not. A repository
// within the tree, such as a submodule, decides for itself, as for git. In no repository the
// .gitignore files decide. `.git` is always left out.
class left_out {
public:
  // Reads the rules of a directory that exists. Fails if git does not answer in time; where it
  // refuses, its files are read without it, and a note says so.
  static result<left_out> read(const std::filesystem::path& directory);

  // `path` is relative to the root, and its directory was asked for before. Fails as read() does:
  // a repository that begins there is read.
  result<bool> names(const std::string& path, bool is_directory);

  // The file in which a person leaves out more: .pawlignore if there is one. One that is made would
  // take the place of the others, so it is .gitignore where there is none.
  std::string_view file() const { return own_ ? ".pawlignore" : ".gitignore"; }

  // A sentence for each thing that is sent otherwise than the person may think: a submodule that is
  // not checked out, files that a sparse checkout lacks, a repository that git does not read.
  // At most notes_max, called once.
  std::vector<std::string> take_notes() { return std::move(notes_); }

  static constexpr std::size_t notes_max = 20;
  static constexpr std::size_t repositories_max = 256; // within one tree; git runs for each

private:
  // Paths relative to the root, or rules where git did not answer.
  struct repository {
    std::unordered_set<std::string> ignored = {};
    std::optional<ignore_rules> rules = {};
  };

  explicit left_out(std::filesystem::path root) : root_(std::move(root)) {}

  result<void> enter(const std::string& prefix);
  result<repository> read_repository(const std::string& prefix);
  void look_for_gaps(const std::string& prefix);
  using repository_place = std::map<std::string, repository>::const_iterator;
  repository_place
  part_of(const std::string& path) const; // the nearest that the path lies in, or the end
  bool ignored(const std::string& path, bool is_directory) const;
  void note(std::string text);

  std::filesystem::path root_;
  std::optional<ignore_rules> own_ = {};         // of .pawlignore
  std::map<std::string, repository> parts_ = {}; // by the directory that they begin in: "", "lib/x"
  std::vector<std::string> notes_ = {};
};

} // namespace pawl::packing
