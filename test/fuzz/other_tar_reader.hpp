// The tar as libarchive reads it: a reader of our own that sees another tree than the rest of the
// world would let a source be one thing for a person and another for the server.
#pragma once

#include "sources/tar/source_tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pawl::test {

struct plain_entry {
  entry_kind kind = entry_kind::file;
  std::string name; // without a slash at its end
  std::string target;
  bool executable = false;
  std::string contents;
};

// Throws broken_property unless libarchive takes the tar for the same entries.
void demand_same_entries(const std::vector<plain_entry>& ours, std::string_view tar);

} // namespace pawl::test
