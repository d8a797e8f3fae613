// Reads [cluster.NAME] of the server's pawld.toml.
#pragma once

#include "config/document.hpp"
#include "lifecycle/cluster.hpp"

#include <filesystem>

namespace pawl::config {

// The clusters in the order of the file; without any the one that a server has by itself. `all` is
// the table `cluster`, or nullptr. Relative paths are relative to `base_directory`. A problem of
// its own: a setting that has no effect with the engine of its cluster.
std::vector<cluster_settings> read_clusters(const toml_entry* all,
                                            const std::filesystem::path& base_directory,
                                            problem_list& problems);

} // namespace pawl::config
