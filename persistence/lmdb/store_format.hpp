// Which formats of a store this program knows, and what brings an older one to the present.
#pragma once

#include "persistence/lmdb/lmdb.hpp"

namespace pawl {

// The format that the store has; nothing for a file that is new. invalid_argument for a store that
// a newer program made; data_corruption if it does not say. Reads only: a store that is refused
// stays as it is. Opens the database `meta`.
result<std::optional<std::uint32_t>> stored_format(lmdb::environment& environment,
                                                   const std::filesystem::path& directory);

// Brings a store of an older format to the present one; all databases are open. From the thread
// that writes. Cut off anywhere, it leaves a store of the older format, as whole as it was, and
// begins again the next time. resource_exhausted if there is no room for what is new.
// entries_of_a_step: of an index that are written in one transaction.
result<void> migrate_store(lmdb::environment& environment, std::uint32_t from,
                           std::size_t entries_of_a_step = 100'000);

} // namespace pawl
