// Runs the git program, whose word on a work tree counts: its index, every ignore file of the
// repository and of its user, and settings that libgit2 does not know.
#pragma once

#include "lifecycle/result.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace pawl::packing {

// The answer of `git WORDS…` in the directory, which is asked about the repository that the
// directory lies in, whatever GIT_DIR and its like say (as within a hook of another one). Blocks.
// not_found if git is not installed; invalid_argument with git's first line if it refuses, as for
// the repository of another user; too_large beyond git_answer_bytes; timed_out after
// git_answer_time.
result<std::string> ask_git(const std::filesystem::path& directory, std::vector<std::string> words);

// limits::source_entries paths of a length that is rarely met.
inline constexpr std::size_t git_answer_bytes = 64 * 1024 * 1024;
inline constexpr std::chrono::seconds git_answer_time{120}; // a large tree on a slow disk

// Whether the directory or one above it has an entry `.git`: only then git is asked.
bool has_repository(const std::filesystem::path& directory);

} // namespace pawl::packing
