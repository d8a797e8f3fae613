// Host names, and which lane answers under each. Two lanes can want the same one: app "a-b" in the
// first cluster of a configuration, and app "a" in its cluster "b".
//
// A lane claims its names with its first deployment, in the same commit, and has them as long as a
// deployment of it is active or unfinished. A claim that another lane has is refused. Names follow
// from the configuration, so they are settled anew when the server starts, which never fails for
// one.
#pragma once

#include "lifecycle/error.hpp"
#include "lifecycle/names.hpp"

#include <map>
#include <string>
#include <vector>

namespace pawl {

struct host_claim {
  std::string host; // in full, in lower case, without a port
  lane_key lane;

  friend bool operator==(const host_claim&, const host_claim&) = default;
};

// invalid_argument, for a lane that wants a name that another has.
error host_is_taken(const host_claim& held, const lane_key& wanted_by);

struct settled_hosts {
  std::vector<std::string> released = {};      // held until now, and by nobody from now on
  std::vector<host_claim> claimed = {};        // not held until now, or by another lane
  std::map<lane_key, host_claim> without = {}; // lanes that did not get a name, and who has it

  friend bool operator==(const settled_hosts&, const settled_hosts&) = default;
};

// Settles the names of a starting server. `held`: the claims of the store. `wanted`: the names
// that the lanes in use want by the configuration of now. A name stays with the lane that holds it,
// if that still wants it; otherwise the first that wants it gets it, in the order of apps and
// clusters. The same names are settled in the same way again.
settled_hosts settle_hosts(const std::vector<host_claim>& held,
                           const std::vector<host_claim>& wanted);

} // namespace pawl
