// A store that passes every call to another one. A layer over a store (failpoints, simulation,
// measurements) derives from it and overrides the calls that it changes.
#pragma once

#include "persistence/store.hpp"

#include <memory>

namespace pawl {

class forwarding_store : public store {
public:
  // `below` is not null.
  explicit forwarding_store(std::shared_ptr<store> below) : below_(std::move(below)) {}

  std::vector<result<receipt>> commit(std::span<const change> changes) override {
    return below_->commit(changes);
  }
  result<deployment> find(std::string_view id) const override { return below_->find(id); }
  result<std::string> resolve(std::string_view id_prefix) const override {
    return below_->resolve(id_prefix);
  }
  result<std::string> resolve_seen(std::string_view id_prefix, const grant& seen) const override {
    return below_->resolve_seen(id_prefix, seen);
  }
  result<std::optional<std::string>> by_request(std::string_view request_id) const override {
    return below_->by_request(request_id);
  }
  result<lane_record> lane(const lane_key& key) const override { return below_->lane(key); }
  result<std::vector<lane_record>> lanes(const std::optional<std::string>& app,
                                         const std::optional<std::string>& cluster) const override {
    return below_->lanes(app, cluster);
  }
  result<std::optional<lane_key>> holder_of(std::string_view host) const override {
    return below_->holder_of(host);
  }
  result<std::vector<deployment>> unfinished(const std::optional<lane_key>& lane) const override {
    return below_->unfinished(lane);
  }
  result<pawl::recovery_snapshot> recovery_snapshot() const override {
    return below_->recovery_snapshot();
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
  result<std::vector<token_record>> tokens() const override { return below_->tokens(); }
  result<std::vector<freeze_record>> freezes() const override { return below_->freezes(); }
  result<audit_page> audit(const audit_query& query) const override { return below_->audit(query); }
  result<pawl::configuration> configuration(const lane_key& lane,
                                            config_number number) const override {
    return below_->configuration(lane, number);
  }
  void release_read_pages() const override { below_->release_read_pages(); }

protected:
  store& below() const { return *below_; }

private:
  std::shared_ptr<store> below_;
};

} // namespace pawl
