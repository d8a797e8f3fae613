// Pages of a journal, read from its stored batches.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"

namespace pawl {

// As store::journal(). data_corruption if an event is missing between the first and the last.
result<journal_page> read_journal(const lmdb::transaction& in, std::string_view id,
                                  std::uint64_t from, std::size_t max_bytes);

} // namespace pawl
