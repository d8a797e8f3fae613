// How a DeploymentActor ends and goes on: the messages, and what a lane at rest is kept as
// (decision 52).
#pragma once

#include "engines/engine.hpp"
#include "lifecycle/resumption.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pawl {

// An instance that serves: where, and the number of the watch (exit_watch.hpp) that tells the
// SUPERVISOR of its end.
struct watched_life {
  std::string address;
  std::uint64_t watch = 0;
  std::uint32_t restarts = 0; // before it
  std::string name = {};
};

// From the engine's thread: an instance that is watched has ended.
struct instance_exited {
  instance what;
  std::uint64_t watch = 0; // its number, of an instance that serves
};

// All that a lane at rest is kept as: the instances of its active deployment. All of them run,
// and those of the process "web" are in the route.
struct service_at_rest {
  std::string deployment;
  std::string owner; // that its instances are named after
  std::vector<watched_life> instances = {};
};

// From a DeploymentActor that ends: it serves, and has nothing to decide until somebody asks for
// it, or an instance ends.
struct lane_rests {
  lane_key lane;
  service_at_rest service;
};

// The engine and the router answer: go on with what was in flight. `running` is a full listing of
// the engine.
struct resume_lane {
  std::vector<instance> running = {};
  bool routed = false; // the router was told of them already: the server has just begun
  resumption how = resumption::uncounted;     // of the deployment in flight, if there is one
  std::optional<service_at_rest> rested = {}; // of a lane that was at rest, and nothing else then
};

// It is the turn of the lane's deployment that was resumed with resumption::in_turn.
struct take_turn {};

} // namespace pawl
