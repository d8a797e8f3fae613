#include "actors/lane/cancellation.hpp"

#include "actors/lane/refusals.hpp"

#include <fmt/format.h>

namespace pawl {

void cancellation::cancel(const cancel_deployment& what, const reply<deployment>& answer) {
  const auto& in_flight = lane_.facts.in_flight();
  if (!what.deployment && !in_flight)
    return answer(nothing_to_cancel(lane_.lane));
  auto id = what.deployment.value_or(in_flight ? in_flight->id : std::string{});
  const auto why_in = [&](state is) {
    return make_failure(
        {errc::cancelled, fmt::format("cancelled by {}", what.by), {{"by", what.by}}}, is);
  };
  if (in_flight && in_flight->id == id) {
    if (switches_.too_late_to_cancel(id))
      return answer(switched_already(*in_flight));
    waiters_.push_back(answer);
    return begin(why_in(in_flight->state), what);
  }
  if (const auto* queued = lane_.facts.queued(id))
    return cancel_queued(*queued, why_in(queued->state), what, answer);
  auto ended = lane_.with.records->find(id);
  if (!ended)
    return answer(std::move(ended).error());
  if (ended->state == state::cancelled)
    return answer(std::move(*ended));
  answer(ended_already(*ended));
}

// Nothing runs for it yet: both steps of its end are one transaction.
void cancellation::cancel_queued(const deployment& d, const failure& why,
                                 const cancel_deployment& what, const reply<deployment>& answer) {
  const auto& now = lane_.with.now;
  auto stopping = advance(d, state::cancelling, now(), what.by);
  auto ended = stopping ? advance(*stopping, state::cancelled, now(), "pawl") : stopping;
  if (!ended)
    return answer(std::move(ended).error());
  ended->error = why;
  change wanted;
  wanted.journal.push_back({ended->id,
                            {{0, now(), state_event{state::cancelling, {}}},
                             {0, now(), state_event{state::cancelled, ended->error}}}});
  if (what.audit)
    wanted.audit.push_back(done_with(*what.audit, ended->id, now()));
  wanted.deployments.push_back(std::move(*ended));
  lane_.commits.commit(
      std::move(wanted),
      [this, answer](receipt& stored) {
        const auto& gone = stored.deployments.front();
        drain_.clean_up(gone);
        answer(gone);
      },
      [answer](error refused) { answer(std::move(refused)); });
}

// Does nothing once it is too late, or under way already: the end is then another, and comes by
// itself.
void cancellation::begin(const failure& why, const cancel_deployment& what) {
  const auto& d = *lane_.facts.in_flight();
  if (switches_.too_late_to_cancel(d.id) || d.state == state::cancelling)
    return;
  auto stopping = advance(d, state::cancelling, lane_.with.now(), what.by);
  if (stopping)
    stopping->internals.outcome = why;
  std::vector<audit_record> told;
  if (what.audit)
    told.push_back(done_with(*what.audit, d.id, lane_.with.now()));
  lane_.commits.move(
      std::move(stopping), [this](receipt&) { steps_.act(); }, {}, std::move(told));
}

void cancellation::stop_work() {
  orders_.stop();
  // A worker that still has an order answers when nothing of it runs any more; its answer then
  // comes back here.
  if (!orders_.is_under_way())
    stop_new_instances();
}

void cancellation::stop_new_instances() {
  drain_.take_away(*lane_.facts.in_flight(), removal::follow_up::end_of_cancel,
                   lane_.facts.visit());
}

void cancellation::finish(const state_visit& visit) {
  if (lane_.facts.still(visit))
    finish();
}

void cancellation::finish() {
  auto ended = advance(*lane_.facts.in_flight(), state::cancelled, lane_.with.now(), "pawl");
  if (ended)
    ended->error = std::exchange(ended->internals.outcome, std::nullopt);
  lane_.commits.move(std::move(ended), [this](receipt& stored) {
    const auto& gone = stored.deployments.front();
    drain_.clean_up(gone);
    for (auto& waiter : std::exchange(waiters_, {}))
      waiter(gone);
  });
}

void cancellation::pass_deadline(const state_visit& visit) {
  const auto& facts = lane_.facts;
  if (!facts.is_current(visit))
    return;
  if (!facts.still(visit))
    return steps_.fail_queued(visit.deployment,
                              {errc::timed_out, "its turn did not come in time", {}});
  const auto is = facts.in_flight()->state;
  if (is == state::cancelling) {
    orders_.give_up(); // the report of a worker that is still busy is void from here on
    return finish();
  }
  if (auto undecided = switches_.undecided(); undecided && is == state::activating)
    return steps_.fail(switch_undecided(lane_.lane, *undecided));
  steps_.fail({errc::timed_out,
               fmt::format("the deployment was {} for longer than it may be; it was stopped",
                           to_string(is)),
               {}});
}

} // namespace pawl
