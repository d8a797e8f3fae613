// The SUPERVISOR: owns the lanes, brings the server up from the store, and brings back what died.
#pragma once

#include "actors/asking.hpp"
#include "actors/server.hpp"
#include "actors/shared_actor.hpp"

#include <deque>

namespace pawl {

struct supervisor_state {
  static inline const char* name = "supervisor";

  // A lane and what is known of its deaths.
  struct owned_lane {
    deployment_actor actor;
    duration backoff = limits::restart_backoff_first;
    caf::actor_clock::time_point since = {};
  };

  // A start of the server: one listing of each engine, then the router, then the lanes.
  struct recovery {
    caf::typed_response_promise<result<done>> promise;
    std::size_t listings_left = 0;
    std::vector<instance> running;
    standing known = {};
    std::optional<error> problem = {};
  };

  // Asked for before the server has recovered.
  struct early_find {
    find_lane what;
    caf::typed_response_promise<result<deployment_actor>> promise;
  };

  asking_pointer<supervisor_actor, supervisor_state> self;
  std::shared_ptr<const server_parts> parts;
  server_actors actors;
  std::vector<shared_actor> shared;
  std::map<lane_key, owned_lane> lanes;
  bool recovered = false;
  std::vector<early_find> early;
  std::map<lane_key, error> damaged; // lanes that nothing is done with
  std::deque<lane_key> to_resume;    // after a crash: whose turn comes next

  // Nobody is left to bring anybody back: all end.
  ~supervisor_state();

  caf::result<result<deployment_actor>> find_when_recovered(const find_lane& what);
  result<deployment_actor> find(const find_lane& what);
  caf::result<result<done>> recover();
  void revive(const revive_lane& what);
  void revive(const revive_shared& what);
  void lose(const caf::down_msg& down);

private:
  bool lose_shared(const caf::down_msg& down);
  void bring_back(const revive_lane& what);
  result<deployment_actor> spawn_lane(const lane_key& lane);
  void list_engines(const std::shared_ptr<recovery>& begun);
  void restore_router(const std::shared_ptr<recovery>& begun);
  route route_of(const lane_record& lane, const std::vector<instance>& running) const;
  std::vector<route> routes_of_damaged(const recovery& begun) const;
  void resume_lanes(const std::shared_ptr<recovery>& begun);
  std::map<lane_key, resumption> plan_resumptions(const std::vector<deployment>& unfinished);
  void resume_next();
  void discard_unowned();
  void discard_unowned_later();
  void discard_unowned_of(const engine_hand_actor& hand, const std::set<std::string>& owners,
                          const std::vector<std::string>& found);
};

// Those of the lane.
std::vector<instance> instances_of(const std::vector<instance>& all, const lane_key& lane);

supervisor_actor::behavior_type supervisor(asking_pointer<supervisor_actor, supervisor_state> self,
                                           std::shared_ptr<const server_parts> parts,
                                           server_actors actors, std::vector<shared_actor> shared);

} // namespace pawl
