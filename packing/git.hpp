// The git facts of a directory: its commit, and whether the tree differs from it. The commit is
// read with libgit2; whether the tree differs is what `git status` says, where git is installed.
#pragma once

#include "lifecycle/deployment.hpp"

#include <filesystem>
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

} // namespace pawl::packing
