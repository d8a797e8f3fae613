// The store of a simulated server: a real one below, whose commits take time, fail, or are the last
// thing that the server did.
#pragma once

#include "persistence/store.hpp"
#include "test/simulation/record_checker.hpp"

#include <memory>

namespace pawl::test {

// How changes come into the store below: store::commit, unless a test breaks it on purpose.
using commit_function =
    std::function<std::vector<result<receipt>>(store& below, std::span<const change> changes)>;

class simulated_store final : public store {
public:
  simulated_store(machine& on, std::shared_ptr<store> below, record_checker& checker,
                  commit_function commit)
      : machine_(on), below_(std::move(below)), checker_(checker), commit_(std::move(commit)) {}

  std::vector<result<receipt>> commit(std::span<const change> changes) override;

  result<deployment> find(std::string_view id) const override { return below_->find(id); }
  result<std::string> resolve(std::string_view id_prefix) const override {
    return below_->resolve(id_prefix);
  }
  result<std::optional<std::string>> by_request(std::string_view request_id) const override {
    return below_->by_request(request_id);
  }
  result<lane_record> lane(const lane_key& key) const override { return below_->lane(key); }
  result<std::vector<lane_record>> lanes(const std::optional<std::string>& app,
                                         const std::optional<std::string>& cluster) const override {
    return below_->lanes(app, cluster);
  }
  result<standing> what_stands() const override { return below_->what_stands(); }
  result<std::vector<deployment>> unfinished(const std::optional<lane_key>& lane) const override {
    return below_->unfinished(lane);
  }
  result<history_page> history(const history_query& query) const override {
    return below_->history(query);
  }
  result<journal_page> journal(std::string_view id, std::uint64_t from,
                               std::size_t max_bytes) const override {
    return below_->journal(id, from, max_bytes);
  }
  result<std::vector<version_record>>
  versions(std::string_view app, std::size_t limit,
           std::optional<version_number> before) const override {
    return below_->versions(app, limit, before);
  }
  result<version_record> version(std::string_view app, version_number number) const override {
    return below_->version(app, number);
  }

private:
  machine& machine_;
  std::shared_ptr<store> below_;
  record_checker& checker_;
  commit_function commit_;
};

} // namespace pawl::test
