// Giving up a deployment on request, or for a newer one.
#include "actors/lane/deployment_actor.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

error nothing_to_cancel(const lane_key& lane) {
  return {errc::not_found,
          fmt::format("no deployment of {} to {} is in flight; pawl history -a {} shows the past",
                      lane.app, lane.cluster, lane.app),
          {}};
}

error ended_already(const deployment& d) {
  return {errc::invalid_transition,
          fmt::format(
              "deployment {} is {} already and cannot be cancelled{}", d.id, to_string(d.state),
              d.state == state::active ? "; pawl rollback goes back to the version before" : ""),
          {{"deployment", d.id}, {"state", std::string{to_string(d.state)}}}};
}

error switched_already(const deployment& d) {
  return {
      errc::too_late,
      fmt::format("the traffic is being switched to deployment {}: it is too late to cancel it; "
                  "pawl rollback goes back to the version before",
                  d.id),
      {{"deployment", d.id}}};
}

} // namespace

void deployment_actor_state::cancel(const cancel_deployment& what, reply<deployment> answer) {
  if (!what.deployment && !in_flight)
    return answer(nothing_to_cancel(lane));
  auto id = what.deployment.value_or(in_flight ? in_flight->id : std::string{});
  failure why{errc::cancelled, fmt::format("cancelled by {}", what.by), {{"by", what.by}}, {}};
  if (in_flight && in_flight->id == id) {
    if (switches.too_late_to_cancel(id))
      return answer(switched_already(*in_flight));
    cancel_waiters.push_back(std::move(answer));
    why.state = in_flight->state;
    return begin_cancel(why, what.by);
  }
  auto queued =
      std::find_if(queue.begin(), queue.end(), [&](const deployment& one) { return one.id == id; });
  if (queued != queue.end()) {
    why.state = queued->state;
    return cancel_queued(*queued, why, std::move(answer));
  }
  auto ended = parts.records->find(id);
  if (!ended)
    return answer(std::move(ended).error());
  if (ended->state == state::cancelled)
    return answer(std::move(*ended));
  answer(ended_already(*ended));
}

// Nothing runs for it yet: both steps of its end are one transaction.
void deployment_actor_state::cancel_queued(const deployment& d, const failure& why,
                                           reply<deployment> answer) {
  auto stopping = advance(d, state::cancelling, parts.now(), why.details.at("by"));
  auto ended = stopping ? advance(*stopping, state::cancelled, parts.now(), "pawl") : stopping;
  if (!ended)
    return answer(std::move(ended).error());
  ended->error = why;
  change wanted;
  wanted.journal.push_back({ended->id,
                            {{0, parts.now(), state_event{state::cancelling, {}}},
                             {0, parts.now(), state_event{state::cancelled, ended->error}}}});
  wanted.deployments.push_back(std::move(*ended));
  commit(
      std::move(wanted),
      [this, answer](receipt& stored) mutable {
        const auto& gone = stored.deployments.front();
        std::erase_if(queue, [&](const deployment& one) { return one.id == gone.id; });
        clean_up(gone);
        answer(gone);
      },
      [answer](error refused) mutable { answer(std::move(refused)); });
}

// Does nothing once it is too late, or under way already: the end is then another, and comes by
// itself.
void deployment_actor_state::begin_cancel(const failure& why, const std::string& by) {
  if (switches.too_late_to_cancel(in_flight->id) || in_flight->state == state::cancelling)
    return;
  auto stopping = advance(*in_flight, state::cancelling, parts.now(), by);
  if (stopping)
    stopping->internals.outcome = why;
  move(std::move(stopping), [this](receipt&) { act(); });
}

void deployment_actor_state::stop_work() {
  stop.request_stop();
  if (activator) {
    self->send_exit(activator, caf::exit_reason::user_shutdown);
    activator = activation_worker_actor{};
  }
  // A worker that still has an order answers when nothing of it runs any more; order() then comes
  // back here.
  if (!working)
    stop_new_instances();
}

void deployment_actor_state::stop_new_instances() {
  take_away(*in_flight, [this, then = here()] {
    decide([this, then] {
      if (still(then))
        finish_cancel();
    });
  });
}

void deployment_actor_state::finish_cancel() {
  auto ended = advance(*in_flight, state::cancelled, parts.now(), "pawl");
  if (ended)
    ended->error = std::exchange(ended->internals.outcome, std::nullopt);
  move(std::move(ended), [this](receipt& stored) {
    const auto& gone = stored.deployments.front();
    clean_up(gone);
    for (auto& waiter : std::exchange(cancel_waiters, {}))
      waiter(gone);
  });
}

} // namespace pawl
