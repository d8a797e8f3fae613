// The SUPERVISOR: owns the lanes, starts the server's work from the store, and replaces actors that
// died.
#pragma once

#include "actors/lane/deployment_actor.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/runtime/shared_actor.hpp"
#include "actors/supervision/server.hpp"

#include <deque>
#include <set>
#include <span>

namespace pawl {

struct supervisor_state {
  static inline const char* name = "supervisor";

  // A lane's actor, and its restarts.
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
    recovery_snapshot known = {};
    settled_hosts hosts = {};
    std::optional<error> problem = {};
  };

  asking_pointer<supervisor_actor, supervisor_state> self;
  std::shared_ptr<const server_parts> parts;
  server_actors actors;
  std::vector<shared_actor> shared;
  std::map<lane_key, owned_lane> lanes;
  std::map<lane_key, service_at_rest> resting; // they have no actor, and are not in `lanes`
  bool recovered = false;
  std::vector<std::function<void()>> early; // asked before
  std::map<lane_key, error> damaged;        // lanes that nothing is done with
  std::deque<lane_key> to_resume;           // after a crash: whose turn comes next

  // Without a supervisor nothing could be replaced: ends the lanes and the shared actors.
  ~supervisor_state();

  // Now, or when the server has recovered.
  template <class Answer>
  caf::result<result<Answer>> when_recovered(std::function<result<Answer>()> ask);
  result<lane_requests_actor> find(const find_lane& what);
  result<lane_presence> look_at(const lane_key& lane) const;
  caf::result<result<done>> recover();
  void revive(const revive_lane& what);
  void revive(const revive_shared& what);
  void lose(const caf::down_msg& down);
  void put_to_rest(const lane_rests& what);
  void pass_on(const instance_exited& what);
  void discard_unowned();

private:
  bool lose_shared(const caf::down_msg& down);
  void bring_back_after_switches(const revive_lane& what);
  void bring_back(const revive_lane& what);
  deployment_actor spawn_lane(const lane_key& lane);
  deployment_actor wake(const lane_key& lane);
  void list_engines(const std::shared_ptr<recovery>& begun);
  void settle_names(const std::shared_ptr<recovery>& begun);
  void restore_router(const std::shared_ptr<recovery>& begun);
  route route_of(const lane_record& lane, std::span<const instance> of_lane) const;
  std::vector<route> routes_of_damaged(const recovery& begun) const;
  void resume_lanes(const std::shared_ptr<recovery>& begun);
  std::set<lane_key> put_quiet_to_rest(const recovery& begun);
  std::optional<service_at_rest> quiet_service(const lane_record& lane,
                                               std::span<const instance> of_lane) const;
  std::map<lane_key, resumption> plan_resumptions(const std::vector<deployment>& unfinished);
  void resume_next();
  bool is_served(const lane_key& lane) const;
  void discard_unowned_later();
  void discard_unowned_of(const engine_caller_actor& caller, const std::set<std::string>& owners,
                          const std::vector<std::string>& found);
};

// Those of the lane.
std::vector<instance> instances_of(const std::vector<instance>& all, const lane_key& lane);

supervisor_actor::behavior_type supervisor(asking_pointer<supervisor_actor, supervisor_state> self,
                                           std::shared_ptr<const server_parts> parts,
                                           server_actors actors, std::vector<shared_actor> shared);

} // namespace pawl
