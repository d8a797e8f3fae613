// [deploy] strategy = "replace": of the app two must not run at once. What serves is stopped before
// the new instances start; if these fail, it starts again when they are gone. While a deployment
// that replaces is activating or cancelling, nothing of the active one is kept up, whoever dies: a
// lane that comes back goes on, or brings the old instances back.
#pragma once

#include "actors/lane/service.hpp"

#include <set>

namespace pawl {

class replacing {
public:
  replacing(const lane_context& lane, drain& taken_away, service& serving)
      : lane_(lane), drain_(taken_away), service_(serving) {}

  // The instances of the deployment in flight, which is activating, may start. If not, what serves
  // is being stopped, and lane_events::router_is_clear() comes after that.
  bool may_start();

  // The lane begins: what serves is not to be kept up yet, since new instances may run. `running`
  // are those of the lane.
  bool holds_back(const std::vector<instance>& running);

  // The deployment in flight fails: the journal says what becomes of what served.
  void note_failure();
  // Nothing of that deployment runs any more, which did not go live: what served starts again.
  void end(const std::string& deployment);
  // The deployment in flight went live.
  void forget() { has_stopped_ = false; }

private:
  bool is_replacing() const; // the deployment in flight may have instances, alone
  void stop_old();
  void old_has_stopped(const std::string& deployment);

  const lane_context& lane_;
  drain& drain_;
  service& service_;
  std::set<std::string> leaving_; // deployments that failed, whose instances may run still
  std::string cleared_for_;       // the deployment in flight, if nothing else runs
  std::string clearing_for_;      // the same, and it is being stopped
  bool has_stopped_ = false;      // what is active was stopped for another
};

} // namespace pawl
