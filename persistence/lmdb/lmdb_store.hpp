// The store on one disk: LMDB, laid out as schema.hpp says.
//
// LMDB, because deciding is reading: a copy-on-write tree in one file, readers that never wait for
// the writer, no recovery step after a crash, and a commit that is durable when it returns. Each
// commit costs two flushes, whatever is in it; so the writer gathers changes and commits them
// together.
//
// A change is judged first, by reads alone, against what the changes before it in the same commit
// have left; then all of it is written. So one that is refused has touched nothing, and needs no
// nested transaction. When the map is full in the middle, the transaction is given up, the map
// grows, and all of it is done again: nothing was visible.
//
// A map that should grow and cannot (no memory, no address space) leaves what is free of it,
// store_map_free_percent, as a reserve; a full disk leaves the blocks that the file has for pages
// to come, store_disk_free. New deployments and lines of journals are refused with
// resource_exhausted then, and what is stored already comes to its end.
//
// Beside what store.hpp asks of a change, this refuses
// - invalid_argument: what check_storable() refuses; and a new app, cluster, created_at or
// request_id
//   for an old deployment;
// - invalid_transition: a new deployment that is not later than its lane's last one, where the
//   change carries that lane, or a lane whose last_created is earlier than before or than that of
//   its new deployment. Giving later times is the writer's duty (next_created in lane.hpp);
// - not_found: events for a deployment that does not exist.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/store.hpp"
#include "posix/directory_lock.hpp"

#include <filesystem>
#include <functional>

namespace pawl {

struct lmdb_store_options {
  std::size_t map_bytes = limits::store_map_bytes; // at first; it doubles
  unsigned readers = limits::store_readers;        // reading calls at once
  std::size_t history_scan_max = limits::history_scan_max;
  // Called when a transaction cannot be made durable, and not for want of room: what the file holds
  // is not known then, so nothing may be answered, and no flush tried again. Must not return.
  std::function<void(const error&)> on_lost_flush = {};
};

struct lmdb_store_counters {
  std::uint64_t commits = 0; // transactions that were flushed
  std::uint64_t reads = 0;   // records looked up, and steps of cursors
  std::size_t map_bytes = 0;
};

class lmdb_store final : public store {
public:
  // Opens the store in `directory`, or makes both; the directory and its files are for their owner
  // only. unavailable if another server has it open (the message says which process);
  // data_corruption if the file is no store; invalid_argument if a newer program made it, which
  // leaves it as it was.
  static result<std::unique_ptr<lmdb_store>> open(const std::filesystem::path& directory,
                                                  const lmdb_store_options& options = {});

  std::vector<result<receipt>> commit(std::span<const change> changes) override;

  result<deployment> find(std::string_view id) const override;
  result<std::string> resolve(std::string_view id_prefix) const override;
  result<std::optional<std::string>> by_request(std::string_view request_id) const override;
  result<lane_record> lane(const lane_key& key) const override;
  result<std::vector<lane_record>> lanes(const std::optional<std::string>& app,
                                         const std::optional<std::string>& cluster) const override;
  result<std::vector<deployment>> unfinished(const std::optional<lane_key>& lane) const override;
  result<standing> what_stands() const override;
  result<history_page> history(const history_query& query) const override;
  result<journal_page> journal(std::string_view id, std::uint64_t from,
                               std::size_t max_bytes) const override;
  result<std::vector<version_record>> versions(std::string_view app, std::size_t limit,
                                               std::optional<version_number> before) const override;
  result<version_record> version(std::string_view app, version_number number) const override;

  void let_go_of_pages() const override { environment_->unmap_pages(); }

  // Since the opening; any thread.
  lmdb_store_counters counters() const;

private:
  lmdb_store(directory_lock lock, std::unique_ptr<lmdb::environment> environment,
             const lmdb_store_options& options)
      : lock_(std::move(lock)), options_(options), environment_(std::move(environment)) {}

  result<std::vector<result<receipt>>> try_commit(std::span<const change> changes,
                                                  const std::optional<error>& only_reserve);

  directory_lock lock_; // given back after the environment was closed
  lmdb_store_options options_;
  std::unique_ptr<lmdb::environment> environment_;
};

} // namespace pawl
