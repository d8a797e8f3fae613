// The records that a starting server needs, read in one transaction.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"

namespace pawl {

// As store::recovery_snapshot().
result<recovery_snapshot> read_recovery_snapshot(const lmdb::transaction& in);

} // namespace pawl
