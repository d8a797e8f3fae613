// The host names of lanes when the server starts (lifecycle/host_names.hpp).
#pragma once

#include "actors/supervision/server.hpp"

#include <string>
#include <vector>

namespace pawl {

// The names that the router gives to the lanes in use: those of clusters that this server serves,
// with an active or unfinished deployment, or with damage that hides it.
std::vector<host_claim> wanted_hosts(const server_parts& parts, const recovery_snapshot& known);

// The change that stores what was settled; empty if nothing changes.
change change_of_names(const settled_hosts& settled);

// For the operator: a line for each lane that did not get a name.
std::vector<std::string> lines_of_nameless(const settled_hosts& settled);

} // namespace pawl
