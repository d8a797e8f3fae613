#include "persistence/lmdb/lmdb_store.hpp"

#include "persistence/lmdb/audit_reading.hpp"
#include "persistence/lmdb/group_commit.hpp"
#include "persistence/lmdb/history_reading.hpp"
#include "persistence/lmdb/journal_reading.hpp"
#include "persistence/lmdb/migrations.hpp"
#include "persistence/lmdb/record_reading.hpp"
#include "persistence/lmdb/recovery_reading.hpp"
#include "persistence/lmdb/store_format.hpp"
#include "persistence/lmdb/stored.hpp"
#include "posix/files.hpp"

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
                      call, system_reason(code),
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
  const descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened)
    return not_usable(directory, "open", errno);
  if (::fsync(opened.get()) != 0)
    return not_usable(directory, "fsync", errno);
  return {};
}

// Writes only if the file is new or has an older format.
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

// The result of `read` in a new transaction.
template <class Read>
auto read_in(lmdb::environment& environment, const Read& read)
    -> decltype(read(std::declval<const lmdb::transaction&>())) {
  auto reading = environment.read();
  if (!reading)
    return std::move(reading).error();
  return read(*reading);
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

std::vector<result<receipt>> lmdb_store::commit(std::span<const change> changes) {
  return commit_changes(*environment_, changes, options_.on_lost_flush);
}

result<deployment> lmdb_store::find(std::string_view id) const {
  return read_in(*environment_, [&](const auto& in) { return find_deployment(in, id); });
}

result<std::string> lmdb_store::resolve(std::string_view id_prefix) const {
  return read_in(*environment_, [&](const auto& in) { return resolve_id(in, id_prefix, {}); });
}

result<std::string> lmdb_store::resolve_seen(std::string_view id_prefix, const grant& seen) const {
  return read_in(*environment_, [&](const auto& in) { return resolve_id(in, id_prefix, seen); });
}

result<std::optional<std::string>> lmdb_store::by_request(std::string_view request_id) const {
  return read_in(*environment_, [&](const auto& in) { return find_by_request(in, request_id); });
}

result<lane_record> lmdb_store::lane(const lane_key& key) const {
  return read_in(*environment_, [&](const auto& in) { return find_lane(in, key); });
}

result<std::vector<lane_record>>
lmdb_store::lanes(const std::optional<std::string>& app,
                  const std::optional<std::string>& cluster) const {
  return read_in(*environment_, [&](const auto& in) { return list_lanes(in, app, cluster); });
}

result<std::optional<lane_key>> lmdb_store::holder_of(std::string_view host) const {
  return read_in(*environment_, [&](const auto& in) { return find_holder(in, host); });
}

result<std::vector<deployment>> lmdb_store::unfinished(const std::optional<lane_key>& lane) const {
  return read_in(*environment_, [&](const auto& in) { return list_unfinished(in, lane); });
}

result<recovery_snapshot> lmdb_store::recovery_snapshot() const {
  return read_in(*environment_, [](const auto& in) { return read_recovery_snapshot(in); });
}

result<history_page> lmdb_store::history(const history_query& query) const {
  return read_in(*environment_, [&](const auto& in) {
    return read_history(in, query, options_.history_scan_max);
  });
}

result<journal_page> lmdb_store::journal(std::string_view id, std::uint64_t from,
                                         std::size_t max_bytes) const {
  return read_in(*environment_,
                 [&](const auto& in) { return read_journal(in, id, from, max_bytes); });
}

result<std::vector<version_record>>
lmdb_store::versions(std::string_view app, std::size_t limit,
                     std::optional<version_number> before) const {
  return read_in(*environment_,
                 [&](const auto& in) { return list_versions(in, app, limit, before); });
}

result<version_record> lmdb_store::version(std::string_view app, version_number number) const {
  return read_in(*environment_, [&](const auto& in) { return find_version(in, app, number); });
}

result<std::vector<token_record>> lmdb_store::tokens() const {
  return read_in(*environment_, [](const auto& in) { return list_tokens(in); });
}

result<configuration> lmdb_store::configuration(const lane_key& lane, config_number number) const {
  return read_in(*environment_,
                 [&](const auto& in) { return find_configuration(in, lane, number); });
}

result<std::vector<freeze_record>> lmdb_store::freezes() const {
  return read_in(*environment_, [](const auto& in) { return list_freezes(in); });
}

result<audit_page> lmdb_store::audit(const audit_query& query) const {
  return read_in(*environment_,
                 [&](const auto& in) { return read_audit(in, query, options_.history_scan_max); });
}

lmdb_store_counters lmdb_store::counters() const {
  return {environment_->commits(), environment_->reads(), environment_->map_bytes()};
}

} // namespace pawl
