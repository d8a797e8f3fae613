// Judges one change against a transaction's content, and writes it; the rules are in
// lmdb_store.hpp.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"

namespace pawl {

// A change that was found good, and everything that writing it needs to know.
struct judged_change {
  receipt kept; // as it will be stored

  struct deployment_write {
    bool is_new = false;
    bool was_unfinished = false;
  };
  std::vector<deployment_write> deployments = {}; // of those in `kept`, in their order
};

// Reads only. The error is the change's: others of the same transaction may still hold.
result<judged_change> judge(const lmdb::transaction& in, const change& wanted);

// An error here is the transaction's: nothing of it may be committed.
result<void> write(lmdb::transaction& to, const judged_change& judged);

} // namespace pawl
