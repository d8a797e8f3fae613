// The part of a verification that is about freezes and the audit journal.
#pragma once

#include "persistence/lmdb/lmdb.hpp"

#include <functional>
#include <string>

namespace pawl {

// Calls `tell` for each record that does not verify, or stands under another key than its own.
result<void> verify_audit(const lmdb::transaction& in,
                          const std::function<void(schema::database db, std::string_view key,
                                                   const std::string& problem)>& tell);

} // namespace pawl
