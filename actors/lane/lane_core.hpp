// The parts of one lane, put together: each has its own header. The actor routes every message to
// the part that it is for, and the parts tell one another what concerns them through this.
#pragma once

#include "actors/lane/configuring.hpp"
#include "actors/lane/destruction.hpp"
#include "actors/lane/going_back.hpp"
#include "actors/lane/idleness.hpp"
#include "actors/lane/resuming.hpp"
#include "actors/lane/scaling.hpp"
#include "actors/lane/volume_removal.hpp"

namespace pawl {

class lane_core final : commit_host, lane_events {
public:
  // Reads the lane from the store; ends the actor if that does not answer.
  lane_core(deployment_actor::pointer self, lane_key lane, lane_parts with);
  lane_core(const lane_core&) = delete;
  lane_core& operator=(const lane_core&) = delete;
  ~lane_core() override;

  // The deployments in flight and in the queue, the active one, and its instances.
  protocol::lane_view describe() const;

  // A timer: a deadline may have passed.
  void pass_deadlines();
  // A timer: ends the actor if the lane has been idle for long enough.
  void end_if_idle();

  commit_queue& commits() { return commits_; }
  pawl::requests& requests() { return requests_; }
  pawl::cancellation& cancellation() { return cancellation_; }
  pawl::configuring& configuring() { return configuring_; }
  pawl::destruction& destruction() { return destruction_; }
  pawl::volume_removal& volume_removal() { return volume_removal_; }
  pawl::resuming& resuming() { return resuming_; }
  pawl::intake& intake() { return intake_; }
  pawl::steps& steps() { return steps_; }
  pawl::service& service() { return service_; }
  pawl::drain& drain() { return drain_; }
  replaced_instances& replaced() { return replaced_; }
  pawl::scaling& scaling() { return scaling_; }

  // An instance has ended: one that serves, or a warm one.
  void lose_instance(const instance_exited& what);

private:
  bool is_idle() const;
  bool keeps_up_service() const {
    return facts_.active() && !context_.with.unserved && !facts_.record().stopped_at;
  }

  // commit_host
  void store(change wanted, on_answer answered) override;
  void store_notes(change wanted) override;
  void call_for_notes() override;
  timestamp now() const override { return context_.with.now(); }
  void committed() override { resuming_.end_trial_if_moved(); }
  void decided() override;
  void quit() override;

  // lane_events
  void fail(error why) override { steps_.fail(std::move(why)); }
  void source_is_complete() override { steps_.verify(); }
  void stop_work() override { cancellation_.stop_work(); }
  void work_has_stopped() override { cancellation_.stop_new_instances(); }
  void cancel_has_ended(const state_visit& visit) override { cancellation_.finish(visit); }
  void router_is_clear() override { steps_.activate(); }
  void destruction_has_ended() override { destruction_.end(); }
  void new_instances_have_ended(const std::string& deployment) override {
    replacing_.end(deployment);
  }
  void went_live() override { replacing_.forget(); }
  void drained(const deployment& replaced) override { replaced_.drained(replaced); }
  void turned_unhealthy(const std::string& why) override { going_back_.consider(why); }
  void look_for_idleness() override;

  // They end in the reverse order: first those that have workers, then those that have requests to
  // answer.
  lane_facts facts_;
  switch_ledger switches_;
  errands errands_;
  lane_context context_;
  commit_queue commits_;
  deadlines deadlines_;
  pawl::resuming resuming_;
  pawl::cancellation cancellation_;
  pawl::intake intake_;
  pawl::drain drain_;
  replaced_instances replaced_;
  worker_orders orders_;
  pawl::service service_;
  pawl::replacing replacing_;
  traffic_switch switch_;
  pawl::steps steps_;
  pawl::destruction destruction_;
  pawl::volume_removal volume_removal_;
  warm_check warm_check_;
  pawl::requests requests_;
  pawl::configuring configuring_;
  going_back going_back_;
  pawl::scaling scaling_;
  idleness idleness_;
};

} // namespace pawl
