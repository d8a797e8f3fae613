// The path of a deployment in flight: in each state a worker gets an order, and when that succeeds
// the deployment moves on. The whole path is one list, at the top of steps.cpp. A step begins
// whenever act() finds the deployment in its state, also after a restart of the server.
#pragma once

#include "actors/lane/chosen_config.hpp"
#include "actors/lane/replacing.hpp"
#include "actors/lane/traffic_switch.hpp"
#include "actors/lane/worker_orders.hpp"

#include <variant>

namespace pawl {

class steps {
public:
  steps(const lane_context& lane, const switch_ledger& switches, deadlines& when, intake& uploads,
        drain& taken_away, replaced_instances& replaced, replacing& one_at_a_time,
        worker_orders& orders, traffic_switch& traffic)
      : lane_(lane), switches_(switches), deadlines_(when), intake_(uploads), drain_(taken_away),
        replaced_(replaced), replacing_(one_at_a_time), orders_(orders), traffic_(traffic),
        configs_(*lane.with.records, lane.facts, lane.lane) {}

  // Does what the state of the deployment in flight asks for.
  void act();
  // If nothing is in flight, begins with the first deployment that waits. If the lane is frozen by
  // now, that one fails: it was to go live before, and its source may be an old one by the end of
  // the freeze.
  void start_next();
  // The freeze that keeps this deployment, new or waiting, from beginning now.
  std::optional<lane_freeze> freeze_of(const deployment& d) const;
  // Fails a deployment that waits; does nothing if it does not wait any more.
  void fail_queued(const std::string& id, const error& why);
  // The worker of a step has died, and the pause has passed.
  void repeat(const repeat_step& what);

  // The deployment in flight is not acted on before its turn comes: until the next act().
  void hold() { held_ = true; }
  bool is_held() const { return held_; }

  // All of the awaited source is there.
  void verify();
  // Gives the order that the deployment in flight may wait with, if it is activating: to check warm
  // instances of its version, or else to start its own. Not while the
  // router may send requests to one that was tried before: its answer comes back here, or the
  // deadline passes.
  void activate();

  // The deployment in flight fails: all that runs for it is stopped, and what it left is taken
  // away.
  void fail(error why);

private:
  struct row;
  using step_answer = std::variant<done, verified_source, artifact, std::vector<instance>>;
  static const row* row_of(state s);

  // The beginning of each step.
  void receive();
  void build();
  void push();
  void release();
  void begin_activation();
  template <class Answer, class Worker, class Order>
  void order(const Worker& worker, duration patience, Order what);

  // Its end.
  void start_build(step_answer& source);
  void start_push(step_answer& built);
  void give_version(step_answer& made);
  void start_activation(step_answer& released);
  void switch_traffic(step_answer& healthy);
  void leave_pushing(std::optional<version_record> version);
  void activate_otherwise(error why);
  void fail_with_logs(error why);

  const lane_context& lane_;
  const switch_ledger& switches_;
  deadlines& deadlines_;
  intake& intake_;
  drain& drain_;
  replaced_instances& replaced_;
  replacing& replacing_;
  worker_orders& orders_;
  traffic_switch& traffic_;
  chosen_config configs_;
  bool held_ = false;
  std::uint32_t yields_ = 0;     // tries of this activation for which warm instances were given up
  bool release_may_run_ = false; // this actor itself has moved it to `releasing`
};

} // namespace pawl
