// Pages of the history, read from its indexes (history_walk.hpp).
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"

namespace pawl {

// As store::history(); looks at `scan_max` records at most.
result<history_page> read_history(const lmdb::transaction& in, const history_query& query,
                                  std::size_t scan_max);

} // namespace pawl
