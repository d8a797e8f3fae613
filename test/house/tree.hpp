// The project's files as text, for the tests that read it as a house.
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

// Everything below `root` except build/ and what begins with a dot; files that are no text are left
// out.
tree read_tree(const std::filesystem::path& root);

bool is_cpp(const std::string& path);
bool is_header(const std::string& path);

// The first folder: "lifecycle"; for bin/ and examples/ the first two: "bin/pawld". Empty for a
// file at the top.
std::string room_of(const std::string& path);

// The folder that holds it: "engines/process" for "engines/process/x.hpp".
std::string folder_of(const std::string& path);

} // namespace pawl::test::house
