// The instances of the active deployment, each kept up by itself: one that ends is started again,
// after a pause that doubles, and gets requests again when it is healthy. While the deployment's
// watch_period has not passed, each is checked regularly too, and if they turn unhealthy the lane
// is told (lane_events::turned_unhealthy).
#pragma once

#include "actors/lane/replaced_instances.hpp"
#include "actors/lane/served_instance.hpp"
#include "lifecycle/health.hpp"

#include <stop_token>

namespace pawl {

class service {
public:
  service(const lane_context& lane, const switch_ledger& switches, drain& taken_away,
          const replaced_instances& replaced, errands& open)
      : lane_(lane), switches_(switches), drain_(taken_away), replaced_(replaced), errands_(open) {}

  // The active deployment is another one, or the lane has begun: its instances that run serve, the
  // others are started.
  void serve(const std::vector<instance>& running);

  // Its instances are to be others, as many as its record says now: those that are missing are
  // started, and get requests when they are healthy; those that are too many get none any more.
  // Gives the names of these: somebody has to stop them.
  std::vector<std::string> follow_counts();

  // Stops the instances of a process that is not routed, and starts them again.
  void renew(const std::string& process);

  // The lane was at rest: the instances serve on, and are watched already.
  void go_on(const service_at_rest& rested);

  // No deployment is active any more: nothing is kept up, restarted or checked.
  void end();

  // All instances run, and none of them failed its last checks.
  bool all_run() const;

  // All instances run, and nothing has to be decided until somebody asks, or one of them ends.
  bool is_quiet() const;
  // A quiet service, as it is kept while the lane rests.
  service_at_rest at_rest() const;

  const std::vector<served_instance>& instances() const { return serving_; }
  std::vector<protocol::instance_view> views() const;

  // An instance has ended.
  void lose_instance(const instance_exited& what);
  // Its pause has passed: it is started, and gets requests when it is healthy.
  void restart(const restart_instance& what);

  // The answer of a regular check.
  void note_check(const instance_checked& what);
  // The watch_period has passed.
  void end_watch(const watch_passed& what);
  // The active deployment counts as bad in its watch_period, now.
  bool is_bad() const;
  // It is bad, and stays for that reason, which clients see. It is watched on, past the
  // watch_period, until it is healthy again.
  void hold(std::string why);
  // Nothing can be found out any more: past the watch_period it is not watched on.
  void end_hold();
  bool is_held() const { return !held_for_.empty(); }

  // Puts the instances that serve into the lane's route, and no others. While it is not confirmed,
  // the router is asked again, unless a switch is under way then.
  void restore_route();
  // The router has confirmed all that was asked of it.
  bool route_is_confirmed() const { return route_confirmed_ == route_asked_; }
  void restore_route_again(const pawl::restore_route_again& what);
  // The routes that were asked for are not made, unless the router is at it already. Another has to
  // be asked for, or nothing serves any more.
  void drop_route_orders();

private:
  void begin_life(std::string name, std::string why);
  void let_go(const std::string& name);
  void begin_watch();
  void stop_watching();
  void release();
  void check_regularly_if_watched(served_instance& one);
  void judge(const served_instance& one);
  void keep_up(served_instance& one, const instance& running);
  void restart_later(served_instance& one, std::string why);
  void end_restart(const restart_instance& what, const result<std::vector<instance>>& outcome);
  void end_life(const restart_instance& what);
  void stop_serving();
  void restore_route_if_allowed();
  served_instance* find(const std::string& name);
  const deployment& active() const { return *lane_.facts.active(); }
  bool is_active(const std::string& deployment) const;

  const lane_context& lane_;
  const switch_ledger& switches_;
  drain& drain_;
  const replaced_instances& replaced_;
  errands& errands_;
  std::vector<served_instance> serving_; // all instances of the active deployment
  watch_policy watched_;
  bool watching_ = false; // the watch_period has not passed, or it is held
  bool period_is_over_ = false;
  std::uint64_t route_asked_ = 0; // how often
  std::uint64_t route_confirmed_ = 0;
  std::string held_for_;         // why it is not rolled back, for people
  std::stop_source route_order_; // of the latest
};

} // namespace pawl
