// Which formats of a store this program knows.
#pragma once

#include "persistence/lmdb.hpp"

namespace pawl {

// invalid_argument for a store that a newer program made; data_corruption if it does not say. Reads
// only: a store that is refused stays as it is. Nothing is wrong with a file that is new.
result<void> check_store_format(lmdb::environment& environment,
                                const std::filesystem::path& directory);

} // namespace pawl
