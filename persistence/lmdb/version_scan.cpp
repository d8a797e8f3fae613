#include "persistence/lmdb/version_scan.hpp"

#include "persistence/lmdb/record_walk.hpp"
#include "persistence/lmdb/stored.hpp"

namespace pawl {

result<void> each_version(const std::filesystem::path& store,
                          const std::function<void(const version_record&)>& tell) {
  auto environment = lmdb::environment::open(store, {.access = lmdb::access::reader_alone});
  if (!environment)
    return std::move(environment).error();
  auto reading = (*environment)->read();
  if (!reading)
    return std::move(reading).error();
  auto there = reading->open(schema::database::versions, false);
  if (!there)
    return std::move(there).error();
  if (!*there)
    return {};
  return each_record<version_record>(
      *reading, schema::database::versions,
      [&](std::string_view, const version_record& version) { tell(version); },
      [](std::string_view, const error&) {});
}

} // namespace pawl
