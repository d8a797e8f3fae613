// Removes trees that somebody else made, whatever they look like. Blocks; any thread.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

// Removes a tree without following links, also through directories that their owner may not write
// (Go's module cache). Success if there is nothing. However deep the tree, it takes a handful of
// descriptors and no memory that grows with it: a directory that is not empty is moved to the top
// of the tree first. Nobody else may change the tree meanwhile.
result<void> remove_tree(const std::filesystem::path& path);

} // namespace pawl
