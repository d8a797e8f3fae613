// Reads [access] of the server's pawld.toml.
#pragma once

#include "config/document.hpp"
#include "lifecycle/access.hpp"
#include "lifecycle/cluster.hpp"

namespace pawl::config {

// The grants of [access.users], by user. Problems: a role that does not exist; a name that no user,
// app or cluster can have; a cluster that is not among `clusters`: the rule could never match.
std::map<std::string, grant> read_access(const toml_table& access,
                                         const std::vector<cluster_settings>& clusters,
                                         problem_list& problems);

} // namespace pawl::config
