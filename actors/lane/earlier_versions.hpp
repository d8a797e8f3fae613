// Which version a lane may go back to, or release again: read from the store, nothing is changed.
#pragma once

#include "actors/lane/lane_facts.hpp"
#include "lifecycle/cluster.hpp"
#include "protocol/messages.hpp"

namespace pawl {

class earlier_versions {
public:
  // The three outlive it.
  earlier_versions(const store& records, const lane_facts& facts, const cluster_settings& cluster,
                   lane_key lane)
      : records_(records), facts_(facts), cluster_(cluster), lane_(std::move(lane)) {}

  // The deployment that a rollback goes back to: to that version, which has to have been live in
  // this lane; or without one, to the latest before the active one that was not rolled back itself.
  result<deployment> rollback_target(std::optional<version_number> version) const;

  // A rollback to that target with cold instances, as an answer to a client who only wants to know;
  // expected to take as long as the last time.
  protocol::planned plan_to(const deployment& target) const;

  // A new deployment of a version that exists; refused if it is live already, or was built for
  // another engine. It has no id, request or sender yet.
  result<deployment> draft_of(operation op, version_number version) const;
  // The same of one that is live, with another configuration.
  result<deployment> draft_again(operation op, version_number version) const;

  // The deployment that the lane may go back to by itself when the active one turns unhealthy in
  // its watch_period: only the one that it has replaced itself, and once. `request_id` is that of
  // the deployment that would do so.
  std::optional<deployment> watch_fallback(const std::string& request_id) const;

private:
  result<deployment> version_before() const;
  result<deployment> version_live_here(version_number version) const;

  const store& records_;
  const lane_facts& facts_;
  const cluster_settings& cluster_;
  lane_key lane_;
};

} // namespace pawl
