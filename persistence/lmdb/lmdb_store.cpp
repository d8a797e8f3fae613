#include "persistence/lmdb/lmdb_store.hpp"

#include "persistence/lmdb/store_format.hpp"
#include "persistence/lmdb/stored.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace pawl {

namespace {

using schema::database;

error not_usable(const std::filesystem::path& directory, std::string_view call, int code) {
  auto full = code == ENOSPC || code == EDQUOT;
  return {full ? errc::resource_exhausted : errc::internal,
          fmt::format("the store's directory {} cannot be used: {}: {}; {}", directory.native(),
                      call, std::generic_category().message(code),
                      full ? "make room on its disk" : "look at its path and permissions"),
          {{"directory", directory.native()}}};
}

result<void> make_private(const std::filesystem::path& directory) {
  std::error_code problem;
  std::filesystem::create_directories(directory.parent_path(), problem);
  if (problem)
    return not_usable(directory, "mkdir", problem.value());
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return not_usable(directory, "mkdir", errno);
  if (::chmod(directory.c_str(), 0700) != 0)
    return not_usable(directory, "chmod", errno);
  return {};
}

// LMDB flushes its file, but not the directory's entry for it.
result<void> flush_directory(const std::filesystem::path& directory) {
  int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return not_usable(directory, "open", errno);
  int failed = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (failed != 0)
    return not_usable(directory, "fsync", failed);
  return {};
}

// Writes only in a file that is new, or of an older format.
result<void> open_databases(lmdb::environment& environment) {
  auto writing = environment.write();
  if (!writing)
    return std::move(writing).error();
  for (const auto& row : schema::database_table)
    if (auto opened = writing->open(row.number, true); !opened)
      return std::move(opened).error();
  auto meta = writing->get(database::meta, schema::meta_key);
  if (!meta)
    return std::move(meta).error();
  if (!*meta) {
    auto record = records::encode(schema::meta_key, records::meta_record{});
    if (auto put = writing->put(database::meta, schema::meta_key, record); !put)
      return put;
  }
  return writing->commit();
}

} // namespace

result<std::unique_ptr<lmdb_store>> lmdb_store::open(const std::filesystem::path& path,
                                                     const lmdb_store_options& options) {
  std::error_code problem;
  auto directory = std::filesystem::absolute(path, problem);
  if (problem)
    return not_usable(path, "getcwd", problem.value());
  if (auto made = make_private(directory); !made)
    return std::move(made).error();
  auto lock = directory_lock::take(directory);
  if (!lock)
    return std::move(lock).error();
  auto environment = lmdb::environment::open(directory, {options.map_bytes, options.readers});
  if (!environment)
    return std::move(environment).error();
  auto format = stored_format(**environment, directory);
  if (!format)
    return std::move(format).error();
  if (auto opened = open_databases(**environment); !opened)
    return std::move(opened).error();
  if (auto migrated = migrate_store(**environment, format->value_or(schema::format)); !migrated)
    return std::move(migrated).error();
  for (const auto& flushed : {directory, directory.parent_path()})
    if (auto done = flush_directory(flushed); !done)
      return std::move(done).error();
  return std::unique_ptr<lmdb_store>{
      new lmdb_store{*std::move(lock), *std::move(environment), options}};
}

lmdb_store_counters lmdb_store::counters() const {
  return {environment_->commits(), environment_->reads(), environment_->map_bytes()};
}

} // namespace pawl
