// Reads the rights that a table of [access] gives.
#pragma once

#include "config/table_reader.hpp"
#include "lifecycle/access.hpp"
#include "lifecycle/cluster.hpp"

namespace pawl::config {

// The keys `role`, `apps` and `clusters`. Problems: a role that is missing or does not exist; a
// name that no app or cluster can have; a cluster that is not among `clusters`: it could never
// match; an empty list, which would mean all.
grant read_grant(table_reader& reader, const std::vector<cluster_settings>& clusters);

} // namespace pawl::config
