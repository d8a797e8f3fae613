// Brings a store of an older format to the present one.
#pragma once

#include "persistence/lmdb/lmdb.hpp"

namespace pawl {

// All databases are open. Called by the thread that writes. Interrupted at any point, it leaves a
// complete store of the older format, and begins again the next time. resource_exhausted if there
// is no room for the new indexes. entries_of_a_step: index entries that are written in one
// transaction.
result<void> migrate_store(lmdb::environment& environment, std::uint32_t from,
                           std::size_t entries_of_a_step = 100'000);

} // namespace pawl
