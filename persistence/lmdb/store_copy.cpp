#include "persistence/lmdb/store_copy.hpp"

#include "persistence/lmdb/store_format.hpp"

#include <fmt/format.h>

namespace pawl {

result<void> copy_store(const std::filesystem::path& store, const std::filesystem::path& into) {
  std::error_code unreadable;
  if (!std::filesystem::exists(store / "data.mdb", unreadable))
    return error{errc::not_found,
                 fmt::format("there is no store in {}: name a server's data directory or its "
                             "configuration",
                             store.native()),
                 {{"directory", store.native()}}};
  auto environment = lmdb::environment::open(store, {.access = lmdb::access::reader});
  if (!environment)
    return std::move(environment).error();
  if (auto known = stored_format(**environment, store); !known)
    return std::move(known).error();
  return (*environment)->copy_into(into);
}

} // namespace pawl
