// lmdb_store and its model in lock-step: each call goes to both, and a difference fails the test.
// Errors are compared by code and details; their texts are for people.
#pragma once

#include "persistence/lmdb/lmdb_store.hpp"
#include "test/support/memory_store.hpp"
#include "test/support/temporary_directory.hpp"

namespace pawl::test {

class both_stores final : public store {
public:
  explicit both_stores(std::size_t history_scan_max = limits::history_scan_max);

  // Closes the one on disk and opens it again.
  void reopen();

  lmdb_store& disk() { return *disk_; }

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
  result<audit_page> audit(const audit_query& query) const override;
  result<pawl::configuration> configuration(const lane_key& lane,
                                            config_number number) const override;

private:
  temporary_directory directory_;
  lmdb_store_options options_;
  std::unique_ptr<lmdb_store> disk_;
  memory_store memory_;
};

} // namespace pawl::test
