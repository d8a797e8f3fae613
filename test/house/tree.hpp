// The project's files as text, for the tests of the rules.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace pawl::test::house {

// Path from the root ("lifecycle/names.cpp") to content.
struct tree {
  std::map<std::string, std::string> files;

  // The folders at the top that hold a file: no dot-folders.
  std::set<std::string> rooms() const;
};

// Reads all text files below `root`, except build/ and names that begin with a dot.
tree read_tree(const std::filesystem::path& root);

bool is_cpp(const std::string& path);
bool is_header(const std::string& path);

// The first folder: "lifecycle"; for bin/ and examples/ the first two: "bin/pawld". Empty for a
// file at the top.
std::string room_of(const std::string& path);

// The folder that holds it: "engines/process" for "engines/process/x.hpp".
std::string folder_of(const std::string& path);

} // namespace pawl::test::house
