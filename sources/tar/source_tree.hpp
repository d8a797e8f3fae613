// The rules for the names, kinds and links of a source's entries. They reject and repair nothing:
// two programs that repair differently would see two different trees. No I/O.
#pragma once

#include "lifecycle/limits.hpp"
#include "lifecycle/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pawl {

enum class entry_kind : std::uint8_t { file, directory, symlink };

// The target of the symlink that has this clean path; nullptr if no symlink has it.
using link_targets = std::function<const std::string*(const std::string& path)>;

// Where the path leads through all symlinks, as the kernel would go with the source as the root
// that ".." must not pass; "" for the root. Something need not be there. invalid_argument if the
// way leads out or through too many links; too_large when `steps`, to which each name on the way
// adds one, is past what a source may cost.
result<std::string> follow_links(const std::string& path, const link_targets& target_of,
                                 std::size_t& steps);

// The tree that the entries of one tar make, admitted one after another.
class source_tree {
public:
  // invalid_argument or too_large, naming the entry and the rule that it breaks. `name` is as in
  // the tar: a directory's may end in one slash. `target` is a symlink's.
  result<void> admit(entry_kind kind, std::string_view name, std::string_view target);

  // After the last entry: checks that every symlink leads inside, also through other links.
  result<void> check_links() const;

  std::size_t size() const { return admitted_; }
  // With the directories that no entry names.
  std::size_t nodes() const { return nodes_.size(); }

private:
  struct node {
    entry_kind kind = entry_kind::directory;
    bool implied = false; // has no entry, but is the parent of one
    std::string target;
  };

  result<void> admit_parents(std::string_view path);
  result<void> count(std::string_view path, std::string_view target);

  std::unordered_map<std::string, node> nodes_; // also the directories that no entry names
  std::size_t admitted_ = 0;
  std::size_t name_bytes_ = 0; // of the nodes' paths and targets
};

// A name as an error message may show it: printable, and of limited length.
std::string shown_name(std::string_view name);

} // namespace pawl
