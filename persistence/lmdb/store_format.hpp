// The format of a store.
#pragma once

#include "persistence/lmdb/lmdb.hpp"

namespace pawl {

// The format of the store; nothing for a new file. invalid_argument if a newer program made the
// store; data_corruption if its format is missing. Reads only: a refused store stays as it is.
// Opens the database `meta`.
result<std::optional<std::uint32_t>> stored_format(lmdb::environment& environment,
                                                   const std::filesystem::path& directory);

} // namespace pawl
