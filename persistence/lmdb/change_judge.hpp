// Judges one change against the content of a transaction.
//
// Besides the rules of store.hpp, these refuse a change:
// - invalid_argument: the rules of check_storable(); a new app, cluster, created_at or request_id
//   for a stored deployment;
// - invalid_transition: a new deployment that is not later than its lane's last one, where the
//   change has that lane; a lane whose last_created is earlier than before, or than that of its new
//   deployment. The writer gives later times (next_created in lane.hpp);
// - not_found: events for a deployment that does not exist.
//
// Events past the limit of their journal are left out (journal_budget.hpp).
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/lmdb/records.hpp"
#include "persistence/store.hpp"

namespace pawl {

// A change that was accepted, and all that writing it needs.
struct judged_change {
  receipt kept; // as it will be stored

  struct deployment_write {
    bool is_new = false;
    bool was_unfinished = false;
  };
  std::vector<deployment_write> deployments = {}; // for those in `kept`, in the same order
  // The heads of the journals in `kept`, in the same order; nothing where nothing was appended.
  std::vector<std::optional<records::journal_head>> heads = {};
  std::vector<std::string> released_hosts = {}; // before the next are claimed
  std::vector<host_claim> claimed_hosts = {};   // those that the lane did not have yet
  std::vector<std::pair<std::string, audit_record>> audit = {}; // with their keys
  std::vector<std::string> outdated_audit = {};                 // keys of records to be removed
  std::vector<config_number> dropped_configurations = {};       // of the lane of `kept`'s
};

// Reads only. The error is the change's: other changes of the same transaction may be accepted.
result<judged_change> judge(const lmdb::transaction& in, const change& wanted);

} // namespace pawl
