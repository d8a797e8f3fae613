// Reads typed records in a transaction.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/lmdb/records.hpp"

namespace pawl {

// The record under the key; nothing if there is none.
template <class T>
result<std::optional<T>> load(const lmdb::transaction& in, schema::database db,
                              std::string_view key) {
  auto bytes = in.get(db, key);
  if (!bytes)
    return std::move(bytes).error();
  if (!*bytes)
    return std::optional<T>{};
  auto value = records::decode<T>(key, **bytes);
  if (!value)
    return std::move(value).error();
  return std::optional<T>{*std::move(value)};
}

// As load(), for a deployment, or another record that is stored under a deployment's key.
template <class T>
result<std::optional<T>> load_of(const lmdb::transaction& in, schema::database db,
                                 std::string_view id) {
  return load<T>(in, db, schema::deployment_key(id));
}

// Reads the deployment that an index names into a deployment{}; data_corruption if there is none.
inline result<void> load_indexed_into(deployment& to, const lmdb::transaction& in,
                                      std::string_view id) {
  const auto key = schema::deployment_key(id);
  auto bytes = in.get(schema::database::deployments, key);
  if (!bytes)
    return std::move(bytes).error();
  if (!*bytes)
    return records::corrupt(schema::database::deployments, key,
                            "an index names it, and it is gone");
  return records::decode_into(to, key, **bytes);
}

inline result<deployment> load_indexed(const lmdb::transaction& in, std::string_view id) {
  result<deployment> found{deployment{}};
  if (auto good = load_indexed_into(*found, in, id); !good)
    return std::move(good).error();
  return found;
}

} // namespace pawl
