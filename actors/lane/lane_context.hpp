// All parts of a lane share this: the lane's key, its tools, the facts that the store has of it,
// and the queue that decisions go through. A part sees the other parts that its constructor names;
// it tells the parts above it what concerns them through lane_events.
//
// From below: commit_queue, deadlines, intake, drain, replaced_instances, worker_orders, service,
// traffic_switch, steps, cancellation, destruction, volume_removal, warm_check, requests,
// configuring, going_back, resuming, replacing, scaling.
#pragma once

#include "actors/lane/commit_queue.hpp"
#include "actors/lane/lane_parts.hpp"

namespace pawl {

// One part tells the others.
class lane_events {
public:
  virtual ~lane_events() = default;

  // The deployment in flight cannot go on: it fails, and what it left is taken away.
  virtual void fail(error why) = 0;

  // All of the source of the deployment in flight, which is preparing, has arrived.
  virtual void source_is_complete() = 0;

  // The deployment in flight is cancelling: stops what it does.
  virtual void stop_work() = 0;
  // The same, and the worker that it was waited for has answered.
  virtual void work_has_stopped() = 0;
  // Nothing is left of a deployment that was cancelling in that visit.
  virtual void cancel_has_ended(const state_visit& visit) = 0;

  // The router has confirmed of the last deployment that had to leave it that it sends it nothing.
  virtual void router_is_clear() = 0;

  // Nothing of a deployment that did not go live runs any more.
  virtual void new_instances_have_ended(const std::string& deployment) = 0;
  // The deployment in flight went live.
  virtual void went_live() = 0;

  // The drain of a deployment that was replaced has passed.
  virtual void drained(const deployment& replaced) = 0;

  // The active deployment has turned unhealthy in its watch_period.
  virtual void turned_unhealthy(const std::string& why) = 0;

  // Nothing is left of the app that was destroyed.
  virtual void destruction_has_ended() = 0;

  // A part may have ended what it was busy with.
  virtual void look_for_idleness() = 0;
};

struct lane_context {
  const deployment_actor::pointer self;
  const lane_key lane;
  const lane_parts with;
  const lane_facts& facts;
  commit_queue& commits;
  lane_events& events;
};

} // namespace pawl
