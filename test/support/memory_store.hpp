// A store on std::map: for tests of the layers above the store, and as the model that lmdb_store is
// compared with. It keeps all promises of store.hpp except durability. Any thread may call any
// function.
#pragma once

#include "persistence/journal_budget.hpp"
#include "persistence/store.hpp"
#include "test/support/memory_audit.hpp"

#include <map>
#include <mutex>

namespace pawl::test {

class memory_store : public store {
public:
  explicit memory_store(std::size_t history_scan_max = limits::history_scan_max)
      : history_scan_max_(history_scan_max) {}

  // From here on something of the lane does not verify.
  void damage(const lane_key& lane, error why);

  // The next commit() stores nothing and gives this for each of its changes, as a full disk does.
  void fail_next_commit(error why);

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
  struct content {
    std::map<std::string, deployment, std::less<>> deployments;
    std::map<std::string, std::string, std::less<>> requests;
    std::map<lane_key, lane_record> lanes;
    std::map<std::string, std::map<version_number, version_record>, std::less<>> versions;
    std::map<std::string, std::vector<event>, std::less<>> journals;
    std::map<std::string, journal_budget, std::less<>> budgets; // of the journals
    std::map<std::string, lane_key, std::less<>> hosts;
    std::map<std::string, token_record, std::less<>> tokens;
    memory_freezes freezes;
    memory_audit audit;
    memory_configurations configurations;
  };

  result<receipt> apply(const change& wanted);
  result<void> judge(const change& wanted) const;
  result<void> judge_lane(const change& wanted) const;
  result<void> judge_journal(const change& wanted) const;
  result<void> judge_hosts(const change& wanted) const;
  result<void> judge_tokens(const change& wanted) const;
  bool needs_room(const token_record& next) const;
  std::vector<token_record> expired_at(timestamp time) const;
  bool is_in_use(const lane_key& lane) const;

  mutable std::mutex mutex_;
  std::size_t history_scan_max_;
  std::optional<error> next_failure_;
  std::map<lane_key, error> damaged_;
  content now_;
};

} // namespace pawl::test
