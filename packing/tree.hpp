// Lists the entries of a directory that are packed. Follows no links, and reports each entry that
// cannot be packed.
#pragma once

#include "packing/left_out.hpp"

#include <ctime>
#include <string>
#include <vector>

namespace pawl::packing {

enum class entry_kind : std::uint8_t { file, directory, symlink };

struct tree_entry {
  std::string path; // relative, no slash at its end
  entry_kind kind = entry_kind::file;
  bool executable = false;
  std::timespec modified = {};
  std::string target = {}; // of a symlink
};

struct tree_listing {
  std::vector<tree_entry> entries;   // sorted by the bytes of their paths
  std::vector<std::string> problems; // a sentence for each entry that cannot be packed
};

// Lists the tree below an open directory without what `rules` names. `problems` stops growing at
// `most_problems`, and the walk with it. too_large if there are more than limits::source_entries;
// or as left_out::names().
result<tree_listing> list_tree(int root, left_out& rules, std::size_t most_problems);

} // namespace pawl::packing
