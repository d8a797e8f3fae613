// Which files of a source are left out of the context of a Docker build: the rules of a
// .dockerignore, with the meaning that they have for `docker build`. They are not those of git:
// a pattern begins at the root, and the last one that matches decides, also for what lies in a
// directory that an earlier one has left out.
#pragma once

#include "lifecycle/limits.hpp"
#include "lifecycle/result.hpp"
#include "sources/context/ignore_pattern.hpp"

#include <string>
#include <unordered_map>

namespace pawl {

class dockerignore {
public:
  // None: nothing is left out.
  dockerignore() = default;

  // `name` is the file's, for messages. invalid_argument, with the line of a pattern that breaks
  // the syntax; too_large over limits::dockerignore_bytes and limits::dockerignore_patterns.
  static result<dockerignore> parse(std::string_view text, std::string_view name);

  // Whether the pattern of each rule matches the path or, by `parent`, what it lies in. A rule
  // that could change nothing is not asked, and counts as one that does not match: an exception
  // for a path that is not left out, and a pattern for one that is.
  struct verdict {
    bool left_out = false;
    std::vector<bool> matched = {}; // of each rule; empty where no directory is above
  };
  verdict judge(std::string_view path, const verdict& parent, std::uint64_t& steps) const;

  std::size_t size() const { return rules_.size(); }

private:
  struct rule {
    bool exception = false; // !pattern
    ignore_pattern pattern;
  };
  std::vector<rule> rules_;
};

// Applies the rules to the paths of one tree, in any order.
class dockerignore_tree {
public:
  // `rules` outlives it. `steps_most` bounds what all paths together may cost.
  explicit dockerignore_tree(const dockerignore& rules,
                             std::uint64_t steps_most = limits::dockerignore_steps)
      : rules_(rules), steps_most_(steps_most) {}

  // The path is clean and relative to the root, which is never left out. too_large when it has
  // become too expensive.
  result<bool> leaves_out(const std::string& path);

private:
  const dockerignore::verdict& of_directory(const std::string& path);

  const dockerignore& rules_;
  std::unordered_map<std::string, dockerignore::verdict> directories_;
  std::uint64_t steps_most_;
  std::uint64_t steps_ = 0;
};

} // namespace pawl
