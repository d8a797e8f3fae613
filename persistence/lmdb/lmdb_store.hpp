// The store on one disk: LMDB, laid out as schema.hpp says.
//
// LMDB, because decisions are made by reading: a copy-on-write tree in one file, readers that never
// wait for the writer, no recovery after a crash, and a commit that is durable when it returns.
// Each commit costs two flushes, whatever is in it; so the store writer gathers changes and commits
// them together (group_commit.hpp). change_judge.hpp lists the rules by which a change is refused.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"
#include "posix/directory_lock.hpp"

#include <filesystem>
#include <functional>

namespace pawl {

struct lmdb_store_options {
  std::size_t map_bytes = limits::store_map_bytes; // at first; it is doubled when it is full
  unsigned readers = limits::store_readers;        // reading calls at the same time
  std::size_t history_scan_max = limits::history_scan_max;
  // Called when a transaction cannot be made durable for another reason than a lack of room: the
  // contents of the file are not known then, so nothing may be answered, and no flush may be tried
  // again. Also when the open store would refuse everything from now on, whatever the reason. Must
  // not return.
  std::function<void(const error&)> on_lost_flush = {};
};

struct lmdb_store_counters {
  std::uint64_t commits = 0; // flushed transactions
  std::uint64_t reads = 0;   // record lookups and cursor steps
  std::size_t map_bytes = 0;
};

class lmdb_store final : public store {
public:
  // Opens the store in `directory`, or creates both, accessible to the owner only. unavailable if
  // another server has it open (the message names its process); data_corruption if the file is no
  // store; invalid_argument if a newer program made it: it stays as it is.
  static result<std::unique_ptr<lmdb_store>> open(const std::filesystem::path& directory,
                                                  const lmdb_store_options& options = {});

  std::vector<result<receipt>> commit(std::span<const change> changes) override;

  result<deployment> find(std::string_view id) const override;
  result<std::string> resolve(std::string_view id_prefix) const override;
  result<std::string> resolve_seen(std::string_view id_prefix, const grant& seen) const override;
  result<std::optional<std::string>> by_request(std::string_view request_id) const override;
  result<lane_record> lane(const lane_key& key) const override;
  result<std::vector<lane_record>> lanes(const std::optional<std::string>& app,
                                         const std::optional<std::string>& cluster) const override;
  result<std::optional<lane_key>> holder_of(std::string_view host) const override;
  result<std::vector<deployment>> unfinished(const std::optional<lane_key>& lane) const override;
  result<pawl::recovery_snapshot> recovery_snapshot() const override;
  result<history_page> history(const history_query& query) const override;
  result<journal_page> journal(std::string_view id, std::uint64_t from,
                               std::size_t max_bytes) const override;
  result<std::vector<version_record>> versions(std::string_view app, std::size_t limit,
                                               std::optional<version_number> before) const override;
  result<version_record> version(std::string_view app, version_number number) const override;
  result<std::vector<token_record>> tokens() const override;

  result<std::vector<freeze_record>> freezes() const override;
  result<pawl::configuration> configuration(const lane_key& lane,
                                            config_number number) const override;
  result<audit_page> audit(const audit_query& query) const override;

  void release_read_pages() const override { environment_->unmap_pages(); }

  // Counted since the store was opened; any thread.
  lmdb_store_counters counters() const;

private:
  lmdb_store(directory_lock lock, std::unique_ptr<lmdb::environment> environment,
             const lmdb_store_options& options)
      : lock_(std::move(lock)), options_(options), environment_(std::move(environment)) {}

  directory_lock lock_; // released after the environment was closed
  lmdb_store_options options_;
  std::unique_ptr<lmdb::environment> environment_;
};

} // namespace pawl
