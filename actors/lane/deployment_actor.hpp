// The DeploymentActor: one for each lane. Every request and every worker's report of the lane
// passes through its mailbox, so what it decides needs no lock. It only routes messages: the parts
// of the lane (lane_core.hpp) make the decisions, one after another (commit_queue.hpp).
#pragma once

#include "actors/lane/lane_parts.hpp"
#include "actors/runtime/asking.hpp"

#include <memory>

namespace pawl {

class lane_core;

class deployment_actor_state {
public:
  static inline const char* name = "deployment_actor";

  deployment_actor_state();
  deployment_actor_state(const deployment_actor_state&) = delete;
  deployment_actor_state& operator=(const deployment_actor_state&) = delete;
  ~deployment_actor_state();

  // Once, when the actor begins.
  lane_core& begin(deployment_actor::pointer self, lane_key lane, lane_parts with);

  // For tests, where no message tells what is to be proved.
  lane_core& lane() { return *core_; }

private:
  std::unique_ptr<lane_core> core_;
};

// Begins by reading the lane from the store, and decides nothing before resume_lane.
deployment_actor::behavior_type
deployment_lane(asking_pointer<deployment_actor, deployment_actor_state> self, lane_key lane,
                lane_parts parts);

} // namespace pawl
