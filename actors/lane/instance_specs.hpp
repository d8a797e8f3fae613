// The instances that a deployment has: how many, by which names, with which limits and checks.
#pragma once

#include "actors/interfaces.hpp"
#include "lifecycle/processes.hpp"

#include <string>
#include <vector>

namespace pawl {

// The commit that its client named; that of the build, for a rollback or a promotion.
source_commit commit_of(const deployment& d);

// Empty for a deployment that has no version, settings or artifact yet: no instance of it was ever
// started.
std::vector<instance_spec> specs_of(const deployment& d, const cluster_settings& cluster);

// For its release command, which runs as "web" would.
instance_spec release_spec_of(const deployment& d, const cluster_settings& cluster);

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

// How long the worker may take for the order.
duration patience_for(const activation_order& order);

// The names of its instances that are not routed.
std::vector<std::string> background_names(const deployment& d);

// Those of them that are routed.
std::vector<instance> web_of(std::vector<instance> all);

// Where those that are routed, and run, listen.
std::vector<std::string> addresses_of_web(const std::vector<instance>& all);

} // namespace pawl
