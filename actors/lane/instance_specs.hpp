// The instances that a deployment has: how many, by which names, with which limits.
#pragma once

#include "engines/engine.hpp"
#include "lifecycle/cluster.hpp"

#include <string>
#include <vector>

namespace pawl {

// Empty for a deployment that has no version, settings or artifact yet: no instance of it was ever
// started.
std::vector<instance_spec> specs_of(const deployment& d, const cluster_settings& cluster);

// Their names, DEPLOYMENT-1 and on.
std::vector<std::string> instance_names(const deployment& d, const cluster_settings& cluster);

} // namespace pawl
