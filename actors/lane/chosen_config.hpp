// Which revision of the lane's configuration a deployment runs with: read from the store, nothing
// is changed.
#pragma once

#include "actors/lane/lane_facts.hpp"
#include "persistence/lane_configs.hpp"

namespace pawl {

class chosen_config {
public:
  // The two outlive it.
  chosen_config(const store& records, const lane_facts& facts, lane_key lane)
      : records_(records), facts_(facts), lane_(std::move(lane)) {}

  // The revision that holds; nothing if the lane has none.
  result<std::optional<configuration>> current() const;

  // That revision; nothing for no number.
  result<std::optional<configuration>> find(const std::optional<config_number>& number) const;

  // For a deployment that begins now, also one asked for earlier: the revision that holds, but
  // of a rollback and a configuration, which have theirs. A configuration gets the version that is
  // active now. Refused, if the version's settings need a variable that the revision does not have.
  result<void> prepare(deployment& d) const;

  // The same of settings that are known only now: those of a source.
  result<void> check_settings(const manifest& settings,
                              const std::optional<config_number>& number) const;

private:
  result<void> take_active(deployment& d) const;

  const store& records_;
  const lane_facts& facts_;
  lane_key lane_;
};

} // namespace pawl
