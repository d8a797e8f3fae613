// Writes an accepted change into a transaction.
#pragma once

#include "persistence/lmdb/change_judge.hpp"

namespace pawl {

// An error is the transaction's: nothing of it may be committed.
result<void> write(lmdb::transaction& to, const judged_change& judged);

} // namespace pawl
