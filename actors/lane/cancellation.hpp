// The end of a deployment before its time: on request, for a newer one, or because its deadline has
// passed. One in flight goes through `cancelling`, until nothing of it runs any more; one that
// only waits ends at once.
#pragma once

#include "actors/lane/reply.hpp"
#include "actors/lane/steps.hpp"

#include <vector>

namespace pawl {

class cancellation {
public:
  cancellation(const lane_context& lane, const switch_ledger& switches, drain& taken_away,
               worker_orders& orders, steps& path)
      : lane_(lane), switches_(switches), drain_(taken_away), orders_(orders), steps_(path) {}

  // A request. Answers when the deployment is cancelled, or cannot be.
  void cancel(const cancel_deployment& what, const reply<deployment>& answer);

  // Stops what is done for the deployment in flight, which is cancelling, and ends it.
  void stop_work();
  // Its worker has answered.
  void stop_new_instances();
  // Nothing is left of it.
  void finish(const state_visit& visit);
  void finish();

  // The deadline of the deployment in flight, or of one that waits, has passed.
  void pass_deadline(const state_visit& visit);

private:
  void begin(const failure& why, const cancel_deployment& what);
  void cancel_queued(const deployment& d, const failure& why, const cancel_deployment& what,
                     const reply<deployment>& answer);

  const lane_context& lane_;
  const switch_ledger& switches_;
  drain& drain_;
  worker_orders& orders_;
  steps& steps_;
  std::vector<reply<deployment>> waiters_; // for the end of the one in flight
};

} // namespace pawl
