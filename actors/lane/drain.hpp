// Takes away what does not serve: instances that were replaced; and all that a deployment leaves
// that ended without success. A call that the engine or the router refuses is
// tried again after limits::retry_pause, until it succeeds.
#pragma once

#include "actors/lane/errands.hpp"
#include "actors/lane/intake.hpp"
#include "actors/lane/lane_context.hpp"
#include "lifecycle/switch_ledger.hpp"

#include <map>

namespace pawl {

class drain {
public:
  drain(const lane_context& lane, switch_ledger& switches, intake& uploads, errands& open)
      : lane_(lane), switches_(switches), intake_(uploads), errands_(open) {}

  // An actor for blocking calls of the engine, linked to the lane, until it is dismissed.
  engine_caller_actor caller();
  void dismiss(const engine_caller_actor& one);

  // Sends the message to the lane after the pause; the lane does not rest before.
  template <class Message>
  void try_later(Message what, duration pause = limits::retry_pause) {
    errands_.begin();
    lane_.self->delayed_send(lane_.self, pause, std::move(what));
  }

  // No drain is under way.
  bool is_empty() const { return draining_.empty(); }

  // Stops instances one after another, and calls `then` when all have ended, or could not be
  // stopped: those are tried again.
  void stop_instances(const std::vector<std::string>& names, duration grace,
                      std::function<void()> then);

  // The same of instances of one deployment, each with the stop_timeout of its process.
  void stop_instances_of(const deployment& d, const std::vector<std::string>& names,
                         const std::function<void()>& then);

  // Tells the lane when the cluster's drain has passed for a deployment that was replaced
  // (lane_events::drained), and lets its clients go.
  void drain_later(const deployment& replaced);
  void pass_drain(const drain_passed& what);

  // Stops the instances of a deployment that was replaced, and has the router forget it.
  void end_drained(const deployment& replaced);
  // The second alone.
  void forget_route(const std::string& deployment);

  // Has the router refuse the requests of the deployment that serves, and calls `then` when it has
  // confirmed that.
  void close_route(const std::string& deployment, std::function<void()> then);

  // Stops the instances of a deployment that does not serve, and goes on with `then`. If a switch
  // to it may have happened, the router has to say first that it sends it nothing.
  void take_away(const deployment& d, removal::follow_up then, state_visit cancelled = {});
  void leave_router(const removal& what);

  // Removes all that a deployment has left that ended without success.
  void clean_up(const deployment& ended);
  // Removes its upload and its build.
  void discard_leftovers(const std::string& deployment);

  // The same again, when the pause has passed.
  void stop_again(const pawl::stop_again& what);
  void leave_router_again(const pawl::leave_router_again& what);
  void discard_again(const pawl::discard_again& what);
  void close_route_again(const pawl::close_route_again& what);

private:
  void ask_to_close(const std::string& deployment);
  void ask_router(const removal& what);
  void stop_removed(const removal& what);
  void follow(const removal& what);

  const lane_context& lane_;
  switch_ledger& switches_;
  intake& intake_;
  errands& errands_;
  std::map<std::string, deployment> draining_;           // replaced, and the drain has not passed
  std::map<std::string, std::function<void()>> closing_; // routes, and what follows
};

} // namespace pawl
