// Checks an instance that serves, in intervals, during the watch period.
#pragma once

#include "actors/runtime/owner_watch.hpp"
#include "actors/workers/activation_worker.hpp"

namespace pawl {

struct health_checker_state {
  static inline const char* name = "health_checker";

  asking_pointer<health_checker_actor, health_checker_state> self;
  caller_maker make_caller;
  lane_reports_actor lane;
  owner_watch owner;
  engine_caller_actor caller;
  check_regularly order;

  void begin(const check_regularly& wanted);
  void take_caller();
  void probe();
};

// The actor that spawned it ends it. A check without an answer in time counts as failed; one for
// which there is no thread does not count.
health_checker_actor::behavior_type
health_checker(asking_pointer<health_checker_actor, health_checker_state> self,
               caller_maker make_caller, lane_reports_actor lane);

} // namespace pawl
