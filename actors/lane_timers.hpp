// The messages that a DeploymentActor sends to itself, later: its timers, and the errands that it
// tries again. Each says by value what it is about.
#pragma once

#include "lifecycle/manifest.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pawl {

// Names one visit of one deployment to one state, by the number of transitions that the deployment
// has had. A report or a timer of an earlier visit is void.
struct state_visit {
  std::string deployment;
  std::size_t transitions = 0;

  friend bool operator==(const state_visit&, const state_visit&) = default;
};

// --- timers

// One or more of the lane's deadlines have come.
struct deadlines_due {};
// Notes for the journal have waited for a move of their deployment to go with.
struct notes_due {};
// The server has survived the deployment's resumption for limits::resume_trial.
struct resumption_survived {
  state_visit visit;
};
struct drain_passed {
  std::string deployment;
};
// The time of warm instances may be over.
struct warm_passed {
  std::string deployment;
};
// Warm instances have to end: others need their memory.
struct give_up_warm {
  std::string deployment;
};
struct restart_instance {
  std::string deployment;
  std::string name;
};
struct watch_passed {
  std::string deployment;
};
// An instance that is one too many, since the lane has fewer of its process, gets no requests any
// more.
struct surplus_drained {
  std::string deployment;
  std::string instance;
  duration grace = {};
};
// The lane may have had nothing to do for long enough.
struct idle_passed {};

// --- what failed, and is tried again

// The worker of a step has died: another is given the same order.
struct repeat_step {
  state_visit visit;
};

// The engine could not stop an instance.
struct stop_again {
  std::string instance;
  duration grace = {};
};

// Takes the instances of a deployment away that does not serve, and then does what follows.
struct removal {
  enum class follow_up : std::uint8_t {
    nothing,
    end_of_cancel, // the deployment is cancelled, if it is still in that visit
    leftovers,     // its upload and its build are removed
    destruction,   // nothing is left of a lane that is destroyed
  };

  std::string deployment;
  std::vector<std::string> instances = {};
  follow_up then = follow_up::nothing;
  state_visit cancelled = {};
};

// The router has not confirmed that it sends the deployment nothing.
struct leave_router_again {
  removal what;
};

// The upload or the build of a deployment could not be removed.
struct discard_again {
  std::string deployment;
};

// The router has not confirmed that it refuses the requests of the deployment that serves.
struct close_route_again {
  std::string deployment;
};

// The router has not confirmed the route of the deployment that serves.
struct restore_route_again {
  std::string deployment;
};

} // namespace pawl
