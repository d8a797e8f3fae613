#include "actors/lane/worker_orders.hpp"

#include "actors/lane/worker_errors.hpp"
#include "actors/runtime/own_thread.hpp"

namespace pawl {

void worker_orders::stop() {
  request_stop();
  if (auto worker = std::exchange(stopped_by_exit_, {}))
    lane_.self->send_exit(worker, caf::exit_reason::user_shutdown);
}

// The step is done again by another worker, unless that is forbidden or of no use: one that is
// silent may still be at work, a release command never runs twice, and where there was no thread
// for one there is none for the next.
void worker_orders::lose_worker(const state_visit& at, const deployment& tried,
                                const caf::error& why) {
  if (!lane_.facts.still(at))
    return end_late(tried);
  under_way_ = false;
  stopped_by_exit_ = activation_worker_actor{};
  if (refusal_in(why) || why == caf::sec::request_timeout || tried.state == state::releasing)
    return lane_.events.fail(worker_died(why));
  if (!lane_.facts.still(deaths_.in))
    deaths_ = {at, 0};
  if (++deaths_.count >= limits::worker_deaths_max)
    return lane_.events.fail(workers_died(deaths_.count, why));
  lane_.self->delayed_send(lane_.self, limits::restart_backoff_first * deaths_.count,
                           repeat_step{at});
}

// A worker has ended after its deployment had left the state that it worked for: a cancel may wait
// for that; or the deployment was ended by its deadline, and the worker has made more to clean up.
void worker_orders::end_late(const deployment& tried) {
  const auto& now = lane_.facts.in_flight();
  if (!now || now->id != tried.id)
    drain_.clean_up(tried);
  else if (now->state == state::cancelling && std::exchange(under_way_, false))
    lane_.events.work_has_stopped();
}

} // namespace pawl
