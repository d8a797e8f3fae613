// What brings requests to instances. It outlives the server: its routes stay as they were while
// pawld is down. Blocking; called by one thread at a time.
#pragma once

#include "lifecycle/names.hpp"

#include <functional>
#include <vector>

namespace pawl {

// Where the requests of one lane go.
struct route {
  lane_key lane;
  std::string deployment;             // whose instances these are
  std::vector<std::string> addresses; // host:port of each instance

  friend bool operator==(const route&, const route&) = default;
};

class router {
public:
  router() = default;
  router(const router&) = delete;
  router& operator=(const router&) = delete;
  virtual ~router() = default;

  // Makes the router run (or finds the one that runs) and makes its routes exactly these: lanes
  // that are not named answer 404. Requests of lanes whose route does not change notice nothing.
  // unavailable, with the router's own words.
  virtual result<void> restore(const std::vector<route>& routes) = 0;

  // One atomic change, confirmed by the router when this returns: new requests of the lane go to
  // these instances; those in flight, and open WebSockets, stay where they are. Already so is
  // success. A route without addresses answers 503.
  virtual result<void> switch_to(const route& to) = 0;

  // After the drain: what the lane's earlier deployment still had in the router goes.
  virtual result<void> forget(const lane_key& lane, const std::string& deployment) = 0;

  // The URLs under which a lane answers; empty for a router of kind "none".
  virtual std::vector<std::string> urls(const lane_key& lane) const = 0;

  // Calls back, from a thread of the router's, each time the router has died: its owner then calls
  // restore().
  virtual void watch(std::function<void()> on_death) = 0;

  // Ends the router itself. Only tests and demos do that: it outlives the server.
  virtual void stop() = 0;
};

} // namespace pawl
