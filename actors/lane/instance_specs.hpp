// The instances that a deployment has: how many, by which names, with which limits and checks.
#pragma once

#include "actors/interfaces.hpp"

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

// The order that starts and checks the instances of a deployment.
activation_order activation_of(const deployment& d, const cluster_settings& cluster,
                               const std::vector<std::string>& hosts);

// The order that checks the instances of `warm` once, for the deployment `by`, which is to take
// them over.
activation_order takeover_of(const deployment& warm, const std::string& by,
                             const cluster_settings& cluster,
                             const std::vector<std::string>& hosts);

// Their names, OWNER-1 and on: the deployment's own id, or that of the one whose instances it has
// taken over.
std::vector<std::string> instance_names(const deployment& d, const cluster_settings& cluster);

} // namespace pawl
