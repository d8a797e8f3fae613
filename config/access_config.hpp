// Reads [access] of the server's pawld.toml.
#pragma once

#include "config/document.hpp"
#include "lifecycle/cluster.hpp"
#include "lifecycle/oidc.hpp"

#include <filesystem>
#include <map>

namespace pawl::config {

struct access_settings {
  std::map<std::string, grant> users = {}; // [access.users]
  std::vector<oidc_issuer> issuers = {};   // [access.oidc.NAME], in the order of the file
};

// Relative paths are relative to `base_directory`. Problems: a role that does not exist; a name
// that no user, app or cluster can have; a rule that could never match, as one with a cluster that
// is not among `clusters`.
access_settings read_access(const toml_table& access, const std::filesystem::path& base_directory,
                            const std::vector<cluster_settings>& clusters, problem_list& problems);

} // namespace pawl::config
