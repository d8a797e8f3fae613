// Checks an instance that serves, again and again, while its version is watched.
#pragma once

#include "actors/runtime/owner_watch.hpp"
#include "actors/workers/activation_worker.hpp"

namespace pawl {

struct health_checker_state {
  static inline const char* name = "health_checker";

  asking_pointer<health_checker_actor, health_checker_state> self;
  hand_maker make_hand;
  deployment_actor lane;
  owner_watch owner;
  engine_hand_actor hand;
  check_regularly order;

  void begin(const check_regularly& wanted);
  void take_hand();
  void probe();
};

// Whoever spawned it ends it. A check that gets no answer in time counts as failed, one
// for which there is no thread does not count.
health_checker_actor::behavior_type
health_checker(asking_pointer<health_checker_actor, health_checker_state> self,
               hand_maker make_hand, deployment_actor lane);

} // namespace pawl
