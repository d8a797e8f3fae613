// The orders that a lane gives to the workers of its deployment in flight: one at a time, each to a
// worker of its own. The answer becomes a decision, unless the deployment has moved on since. A
// worker that dies instead is followed by another, which is given the same order; after
// limits::worker_deaths_max deaths in a row the deployment fails.
#pragma once

#include "actors/lane/drain.hpp"

#include <stop_token>

namespace pawl {

class worker_orders {
public:
  worker_orders(const lane_context& lane, drain& taken_away) : lane_(lane), drain_(taken_away) {}

  // Gives the worker, which is ended after it, its one order. `then` is called with the answer, in
  // a decision, while the deployment is in the same visit to its state.
  template <class Answer, class Worker, class Order>
  void give(const Worker& worker, duration patience, Order what,
            std::function<void(result<Answer>&)> then);

  // A worker has an order and has not answered.
  bool is_under_way() const { return under_way_; }
  // The report of the worker, if it comes, is void.
  void give_up() { under_way_ = false; }

  // Ends the work for the deployment in flight early: asks for the stop of the present token, and
  // ends the worker that was named.
  void stop();
  // The first of the two alone.
  void request_stop() { stop_.request_stop(); }
  // A new token for the step that begins, and the present one.
  void renew_stop() { stop_ = {}; }
  std::stop_token token() const { return stop_.get_token(); }
  // The worker of the present order takes no token: an exit stops it.
  void stop_by_exit(activation_worker_actor worker) { stopped_by_exit_ = std::move(worker); }

private:
  void lose_worker(const state_visit& at, const deployment& tried, const caf::error& why);
  void end_late(const deployment& tried);

  // Workers that have died in a row instead of answering.
  struct worker_deaths {
    state_visit in;
    std::uint32_t count = 0;
  };

  const lane_context& lane_;
  drain& drain_;
  bool under_way_ = false;
  worker_deaths deaths_;
  std::stop_source stop_;
  activation_worker_actor stopped_by_exit_;
};

template <class Answer, class Worker, class Order>
void worker_orders::give(const Worker& worker, duration patience, Order what,
                         std::function<void(result<Answer>&)> then) {
  under_way_ = true;
  const auto at = lane_.facts.visit();
  auto report = [this, at, tried = *lane_.facts.in_flight(), worker,
                 then = std::move(then)](result<Answer> answer) {
    lane_.self->send_exit(worker, caf::exit_reason::user_shutdown);
    lane_.commits.enqueue([this, at, tried, then, answer = std::move(answer)]() mutable {
      if (!lane_.facts.still(at))
        return end_late(tried);
      under_way_ = false;
      stopped_by_exit_ = activation_worker_actor{};
      then(answer);
    });
  };
  lane_.self->request(worker, patience, std::move(what))
      .then([report](result<Answer>& answer) { report(std::move(answer)); },
            [this, at, tried = *lane_.facts.in_flight(), worker](const caf::error& why) {
              lane_.self->send_exit(worker, caf::exit_reason::user_shutdown);
              lane_.commits.enqueue([this, at, tried, why] { lose_worker(at, tried, why); });
            });
}

} // namespace pawl
