// Lanes of clusters that this server does not serve: the cluster is not in its configuration any
// more, or its engine is not there.
//
// The rule: when the server starts, each of their deployments that is unfinished fails, and what it
// left is taken away. The records stay. The active deployment's instances run on without requests,
// and nothing keeps them up. When the cluster is served again, the lane goes on with them.
#pragma once

#include "actors/supervision/server.hpp"

#include <string>
#include <vector>

namespace pawl {

// not_found, for a cluster that is not configured: for clients, who may not see all that are.
error no_cluster(const std::string& cluster);

// not_found, for a request to a lane of that cluster.
error not_served(const server_parts& parts, const std::string& cluster);

// The error that an unfinished deployment in that cluster fails with.
error ended_unserved(const server_parts& parts, const std::string& cluster);

// For the operator: a line for each such lane that has a deployment active or unfinished.
std::vector<std::string> lines_of_unserved(const server_parts& parts,
                                           const recovery_snapshot& known,
                                           const std::vector<instance>& running);

} // namespace pawl
