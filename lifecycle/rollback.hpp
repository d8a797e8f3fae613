// Finds the version for a rollback that names none.
#pragma once

#include "lifecycle/deployment.hpp"

#include <set>

namespace pawl {

// Walks the deployments that were ever active in a lane, from the one that is active now backwards.
// A version counts by its latest fate: one that was rolled back is passed over, so that a second
// rollback goes further back.
class rollback_search {
public:
  explicit rollback_search(const deployment& active) {
    if (active.version)
      seen_.insert(*active.version);
  }

  // The next older deployment that was active: true if it is the one whose version to release
  // again.
  bool is_target(const deployment& older) {
    if (!older.version || !seen_.insert(*older.version).second)
      return false;
    return older.state == state::retired;
  }

private:
  std::set<version_number> seen_;
};

} // namespace pawl
