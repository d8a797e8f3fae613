// The store as somebody sees it who may see some lanes only: the others do not exist in it. All
// that answers from it (records, lists, cursors, candidates, refusals) leaves them out.
#pragma once

#include "lifecycle/access.hpp"
#include "persistence/forwarding_store.hpp"

namespace pawl {

class visible_store final : public forwarding_store {
public:
  visible_store(std::shared_ptr<store> below, grant seen)
      : forwarding_store(std::move(below)), seen_(std::move(seen)) {}

  // not_found, as for an id that nobody ever had, for a deployment of another lane, and where its
  // record does not verify.
  result<deployment> find(std::string_view id) const override;
  result<std::string> resolve(std::string_view id_prefix) const override;
  result<std::optional<std::string>> by_request(std::string_view request_id) const override;
  result<lane_record> lane(const lane_key& key) const override;
  result<std::vector<lane_record>> lanes(const std::optional<std::string>& app,
                                         const std::optional<std::string>& cluster) const override;
  result<std::vector<deployment>> unfinished(const std::optional<lane_key>& lane) const override;
  result<history_page> history(const history_query& query) const override;
  result<journal_page> journal(std::string_view id, std::uint64_t from,
                               std::size_t max_bytes) const override;
  // Versions are an app's, wherever they were built: those of another cluster can be promoted to
  // one that is seen. Of such a version neither the cluster nor the deployment is told.
  result<std::vector<version_record>> versions(std::string_view app, std::size_t limit,
                                               std::optional<version_number> before) const override;
  result<version_record> version(std::string_view app, version_number number) const override;
  // Those of names that are seen, and those of all apps or all clusters, which hold for what is
  // seen too.
  result<std::vector<freeze_record>> freezes() const override;
  // Records about all apps or clusters, such as those of logins and tokens, are for somebody who
  // sees all; so is that one cannot be read, which may be about anything.
  result<audit_page> audit(const audit_query& query) const override;
  result<pawl::configuration> configuration(const lane_key& lane,
                                            config_number number) const override;

private:
  void conceal(version_record& version) const;

  grant seen_;
};

} // namespace pawl
