// Reads [access.oidc.NAME] of the server's pawld.toml.
#pragma once

#include "config/document.hpp"
#include "lifecycle/cluster.hpp"
#include "lifecycle/oidc.hpp"

#include <filesystem>

namespace pawl::config {

// The issuers of [access.oidc], in the order of the file. Relative paths are relative to
// `base_directory`. Problems: an issuer that is no https:// address, or stands twice; an audience,
// a rule or a claim that is missing; a rule that can never match, because no token has such claims
// or because an earlier one takes them all.
std::vector<oidc_issuer> read_issuers(const toml_table& oidc,
                                      const std::filesystem::path& base_directory,
                                      const std::vector<cluster_settings>& clusters,
                                      problem_list& problems);

} // namespace pawl::config
