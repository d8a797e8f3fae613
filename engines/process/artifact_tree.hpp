// The tree of an artifact: made read-only for whoever runs it, and named by what is in it.
#pragma once

#include "engines/engine.hpp"

namespace pawl {

inline constexpr int artifact_depth_max = 256; // directories; each that is open takes a descriptor

// Walks the tree without following a link and sets each entry's mode to 0755 or 0644 and, as root,
// its owner to root; removes sockets, pipes and devices, which are no contents. Gives the SHA-256
// over all entries in the order of their names (kind, path, whether executable, contents or link
// target) and the sum of the files' bytes. Nothing else may change the tree meanwhile. too_large
// for directories nested deeper than artifact_depth_max; cancelled.
result<artifact> seal_tree(const std::filesystem::path& tree, const std::stop_token& stop);

} // namespace pawl
