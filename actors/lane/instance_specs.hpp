// The instances that a deployment has: how many, by which names, with which limits and checks.
#pragma once

#include "engines/engine.hpp"
#include "lifecycle/cluster.hpp"

#include <string>
#include <vector>

namespace pawl {

// The commit that its client named; that of the build, for a rollback or a promotion.
source_commit commit_of(const deployment& d);

// Empty for a deployment that has no version, settings or artifact yet: no instance of it was ever
// started.
std::vector<instance_spec> specs_of(const deployment& d, const cluster_settings& cluster);

// How they are checked: as the manifest says, and where it names no host, with the first of the
// lane's.
health_settings checks_of(const deployment& d, const std::vector<std::string>& hosts);

// Their names, DEPLOYMENT-1 and on.
std::vector<std::string> instance_names(const deployment& d, const cluster_settings& cluster);

} // namespace pawl
