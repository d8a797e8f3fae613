// Walks whole databases, as a verification does.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/lmdb/records.hpp"

#include <functional>

namespace pawl {

// Calls `what` for each entry of a database, in the order of the keys.
inline result<void> each_entry(const lmdb::transaction& in, schema::database db,
                               const std::function<void(const lmdb::entry&)>& what) {
  auto walk = in.walk(db);
  if (!walk)
    return std::move(walk).error();
  auto at = walk->at_or_after({});
  for (; at && *at; at = walk->next())
    what(**at);
  return at ? result<void>{} : std::move(at).error();
}

// The same for its records; `broken` for each that does not verify.
template <class T>
result<void> each_record(const lmdb::transaction& in, schema::database db,
                         const std::function<void(std::string_view key, const T&)>& what,
                         const std::function<void(std::string_view key, const error&)>& broken) {
  return each_entry(in, db, [&](const lmdb::entry& entry) {
    if (auto value = records::decode<T>(entry.key, entry.value))
      what(entry.key, *value);
    else
      broken(entry.key, value.error());
  });
}

} // namespace pawl
