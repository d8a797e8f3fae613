// The router sends the requests of each lane to the instances of one deployment. It outlives the
// server: its routes stay while pawld is down. Blocks; called by one thread at a time.
//
// test/routers/router_contract.hpp tests these promises on every router.
#pragma once

#include "lifecycle/names.hpp"

#include <functional>
#include <vector>

namespace pawl {

// The instances that get the requests of one lane.
struct route {
  lane_key lane;
  std::string deployment;             // whose instances these are
  std::vector<std::string> addresses; // host:port of each instance
  bool sticky = false;                // a client's requests go to one of them, by a cookie

  friend bool operator==(const route&, const route&) = default;
};

class router {
public:
  router() = default;
  router(const router&) = delete;
  router& operator=(const router&) = delete;
  virtual ~router() = default;

  // Starts the router (or finds the one that runs) and sets exactly these routes: other lanes
  // answer 404. Requests of lanes whose route stays the same are not affected. unavailable, with
  // the router's own words.
  virtual result<void> restore(const std::vector<route>& routes) = 0;

  // One atomic change, confirmed by the router when this returns: new requests of the lane go to
  // these instances; requests in flight and open WebSockets stay where they are, and clients of a
  // sticky route that had the lane before keep their instances. Success if the route is already so.
  // A lane whose route has no addresses answers 503.
  virtual result<void> switch_to(const route& to) = 0;

  // Whether the router's program runs; if not, restore() starts it. True for a router without one.
  virtual bool is_running() const = 0;

  // The instances of an earlier deployment of the lane are about to end: new requests of the
  // clients that kept them go where all others of the lane go. Success if there are no such
  // clients.
  virtual result<void> let_clients_go(const lane_key& lane, const std::string& deployment) = 0;

  // After the drain: removes what the router still has of an earlier deployment of the lane;
  // success if it has nothing. invalid_argument if the lane's requests still go to that deployment.
  virtual result<void> forget(const lane_key& lane, const std::string& deployment) = 0;

  // The host names that lead to a lane, in full and in lower case; empty for a router of kind
  // "none". Two lanes may have the same: the router's owner sees to it that only one of them gets a
  // route (lifecycle/host_names.hpp).
  virtual std::vector<std::string> hosts(const lane_key& lane) const = 0;

  // The URLs under which a lane answers; empty for a router of kind "none".
  virtual std::vector<std::string> urls(const lane_key& lane) const = 0;

  // Calls back, from a thread of the router's, each time the router has died: the owner then calls
  // restore().
  virtual void watch(std::function<void()> on_death) = 0;

  // Ends the router itself; only for tests and demos, as the router outlives the server.
  virtual void stop() = 0;
};

} // namespace pawl
