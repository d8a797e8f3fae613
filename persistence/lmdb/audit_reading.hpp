// Pages of the audit journal.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"

namespace pawl {

// store::audit(). A page ends after scan_max records.
result<audit_page> read_audit(const lmdb::transaction& in, const audit_query& query,
                              std::size_t scan_max);

} // namespace pawl
