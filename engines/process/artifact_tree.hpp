// The tree of an artifact: read-only for the apps that run in it, and named by its contents.
#pragma once

#include "engines/engine.hpp"

namespace pawl {

inline constexpr int artifact_depth_max = 256; // nested directories; each takes a descriptor

// Makes directories in the tree, at which something will be mounted; without following a link.
// build_failed if something else is at one of these paths ("data/files", of names alone).
result<void> make_mount_places(const std::filesystem::path& tree,
                               const std::vector<std::string>& paths);

// Walks the tree without following a link and sets each entry's mode to 0755 or 0644 and, as root,
// its owner to root; removes sockets, pipes and devices. Gives the SHA-256 of all entries in the
// order of their names (kind, path, whether executable, contents or link target) and the sum of the
// files' bytes. Nothing else may change the tree meanwhile. too_large if directories are nested
// deeper than artifact_depth_max; cancelled.
result<artifact> seal_tree(const std::filesystem::path& tree, const std::stop_token& stop);

} // namespace pawl
