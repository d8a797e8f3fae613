// Commits changes to the store's file: several in one transaction, with one flush.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"

#include <functional>

namespace pawl {

// As store::commit(); the rules for a change are in change_judge.hpp.
//
// A change is judged by reads only, against the state that the changes before it in the same commit
// have left; then all of it is written. A refused change has written nothing, so it needs no nested
// transaction. When the map is full, the transaction is aborted, the map grows, and all changes are
// judged and written again: nothing was visible yet.
//
// If the map cannot grow (no memory, no address space), its free part, store_map_free_percent, is a
// reserve; on a full disk the blocks that the file has for future pages, store_disk_free, are one.
// From then on new deployments and journal lines are refused with resource_exhausted, and stored
// deployments come to their end.
//
// `on_lost_flush` is as in lmdb_store_options. Called by the one thread that writes.
std::vector<result<receipt>> commit_changes(lmdb::environment& environment,
                                            std::span<const change> changes,
                                            const std::function<void(const error&)>& on_lost_flush);

} // namespace pawl
