#include "persistence/lmdb/store_format.hpp"

#include "persistence/lmdb/stored.hpp"

#include <fmt/format.h>

namespace pawl {

using schema::database;

result<std::optional<std::uint32_t>> stored_format(lmdb::environment& environment,
                                                   const std::filesystem::path& directory) {
  auto reading = environment.read();
  if (!reading)
    return std::move(reading).error();
  auto exists = reading->open(database::meta, false);
  if (!exists)
    return std::move(exists).error();
  if (!*exists)
    return std::optional<std::uint32_t>{};
  auto meta = load<records::meta_record>(*reading, database::meta, schema::meta_key);
  if (!meta)
    return std::move(meta).error();
  if (!*meta)
    return records::corrupt(database::meta, schema::meta_key, "it is missing");
  if ((*meta)->format > schema::format)
    return error{errc::invalid_argument,
                 fmt::format("the store in {} has format {}, and this program knows formats up to "
                             "{}: start the newer pawld that wrote it",
                             directory.native(), (*meta)->format, schema::format),
                 {{"directory", directory.native()}, {"format", std::to_string((*meta)->format)}}};
  return std::optional{(*meta)->format};
}

} // namespace pawl
