// The part of a verification that is about the configurations of lanes.
#pragma once

#include "persistence/lmdb/lmdb.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace pawl {

// Calls `tell` for each revision that does not verify, is another's, or is of no lane that counts
// it; and for each lane whose active deployment runs with a revision that is gone.
result<void>
verify_configurations(const lmdb::transaction& in,
                      const std::function<void(schema::database db, std::string_view key,
                                               const std::string& problem)>& tell);

} // namespace pawl
