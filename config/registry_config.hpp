// Reads [registry."HOST[:PORT]"] of the server's pawld.toml.
#pragma once

#include "config/document.hpp"
#include "lifecycle/registry_login.hpp"

namespace pawl::config {

// In the order of the file, limits::registries at most. Relative paths are relative to
// `base_directory`; the files are not looked at (config/place_check.hpp).
std::vector<registry_login> read_registries(const toml_table& registries,
                                            const std::filesystem::path& base_directory,
                                            problem_list& problems);

} // namespace pawl::config
