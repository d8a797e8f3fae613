// The instances of the deployments that were replaced: those that are not routed are stopped at
// once, the others drain, stay warm for the cluster's
// `warm` within its warm_memory, and are stopped. A deployment that releases one of their versions
// again may take them over as they are (lifecycle/warm.hpp). They are watched, and not kept up: if
// one ends, the others are given up.
#pragma once

#include "actors/lane/drain.hpp"
#include "actors/workers/warm_places.hpp"

#include <map>

namespace pawl {

class replaced_instances {
public:
  replaced_instances(const lane_context& lane, const switch_ledger& switches, drain& taken_away)
      : lane_(lane), switches_(switches), drain_(taken_away) {}

  // The deployment was replaced. Its instances may stay warm if all of them run.
  void add(const deployment& replaced, bool all_run);

  // The lane begins: the instance, among those that run, is of a deployment that was replaced.
  // False if it was not.
  bool adopt(const instance& one, const std::vector<instance>& running);

  // Their drain has passed.
  void drained(const deployment& replaced);
  // Their time may be over.
  void pass(const warm_passed& what);
  // Others need the memory.
  void give_up(const give_up_warm& what);
  // All of them: the app is destroyed.
  void give_up_all();
  // An instance has ended, if it is one of these.
  void lose_instance(const instance_exited& what);

  // The deployment whose instances are warm, or drain and will be, with that version and that
  // revision of the configuration; nullptr if there are none.
  const deployment* find(version_number version, const std::optional<config_number>& config) const;
  bool has(const std::string& deployment) const { return kept_.contains(deployment); }
  bool is_empty() const { return kept_.empty(); }

  // The deployment in flight tries to take over the warm instances of its version: they are not
  // stopped meanwhile. Gives the deployment that holds them, or nullptr if there are none.
  const deployment* claim(const deployment& in_flight);
  // It has started instances of its own, in an earlier try: it does not take over others, because
  // its own would be left.
  void note_own(const std::string& in_flight) { starts_its_own_ = in_flight; }
  // The claimed ones did not pass their check, and are given up. False if nothing was claimed.
  bool reject(const std::string& claimed_by);
  // The same for a check from which nothing follows; until end_check(), with the deployment's id.
  const deployment* begin_check(version_number version, const std::optional<config_number>& config);
  void end_check(const std::string& deployment);
  // The deployment went live; the instances are its own now, if it has claimed them.
  void hand_over(const deployment& live);

private:
  struct kept {
    deployment of;
    warm_places::place place = {}; // none: they are not to stay
    bool drained = false;
    std::string claimed_by = {};
    std::size_t checks = 0; // under way, that may start an instance that has ended
  };

  warm_places::place place_for(const deployment& replaced);
  const deployment* holder_of(const std::string& owner);
  bool may_end(const kept& one) const;
  void drop(kept& one);
  void end(const std::string& deployment);

  const lane_context& lane_;
  const switch_ledger& switches_;
  drain& drain_;
  std::map<std::string, kept> kept_; // by the deployment that was replaced
  std::optional<deployment> found_;  // by holder_of()
  std::string starts_its_own_;       // the deployment in flight, if it does
};

} // namespace pawl
