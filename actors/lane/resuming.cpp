#include "actors/lane/resuming.hpp"

#include "lifecycle/processes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace pawl {

namespace {

error crashes_the_server(const deployment& d) {
  return {errc::internal,
          fmt::format("the server crashed, or ran out of memory, {} times in a row when it went on "
                      "with this deployment, which was {}; so it was given up. The server's log "
                      "says which: report a crash, or give the server more memory. To try again, "
                      "deploy again",
                      d.internals.resumes, to_string(d.state)),
          {{"resumes", std::to_string(d.internals.resumes)}}};
}

} // namespace

void resuming::resume(const resume_lane& how) {
  if (lane_.commits.is_open())
    return;
  lane_.commits.open();
  if (lane_.with.unserved)
    return end_unserved(how);
  for (const auto& one : lane_.facts.queue())
    deadlines_.arm(one, lane_.with.now());
  const auto& active = lane_.facts.active();
  if (how.rested && (!active || active->id != how.rested->deployment))
    return lane_.commits.cannot_go_on(); // it is not what rested: only a listing can say what runs
  if (how.rested)
    service_.go_on(*how.rested);
  else if (active && !replacing_.holds_back(how.running))
    service_.serve(how.running);
  stop_strays(how.running);
  // This actor's predecessor may have died between the switch and its commit; or after an instance
  // had left the route, and before it was back.
  if (active && !how.routed && !how.rested)
    service_.restore_route();
  else if (!active && !how.routed && lane_.facts.record().destroyed_at)
    forget_destroyed();
  // Its switch may be under way still, and must not come true when the deployment has failed.
  const auto& in_flight = lane_.facts.in_flight();
  if (in_flight && in_flight->state == state::activating && !how.routed)
    drain_.leave_router({in_flight->id});
  if (in_flight)
    take_up(how.how);
  lane_.commits.run_waiting();
}

// Those that neither serve nor are in flight. Those that were replaced get the drain that a restart
// has cut off.
void resuming::stop_strays(const std::vector<instance>& running) {
  const auto& active = lane_.facts.active();
  const auto& in_flight = lane_.facts.in_flight();
  std::set<std::string> ended;
  for (const auto& one : running) {
    const bool is_in_flight = in_flight && one.deployment == in_flight->id;
    if (is_in_flight)
      replaced_.note_own(in_flight->id);
    if (active && one.deployment == owner_of_instances(*active)) {
      if (!is_wanted(one.name)) // of a process that has fewer now; or of a lane that is stopped
        drain_.try_later(surplus_drained{active->id, one.name, stop_timeout_of(*active, one.name)});
      continue;
    }
    if (is_in_flight || replaced_.adopt(one, running))
      continue;
    auto owner = lane_.with.records->find(one.deployment);
    // One that was active has taken over others, which are another's by now or serve.
    if (!owner || !owner->internals.settings || was_active(owner->state))
      drain_.stop_instances({one.name}, limits::stop_timeout, [] {});
    else if (ended.insert(owner->id).second) {
      switches_.record(owner->id, routing_event::found);
      drain_.clean_up(*owner);
    }
  }
}

bool resuming::is_wanted(const std::string& instance) const {
  const auto names = instance_names_of(*lane_.facts.active());
  return !lane_.facts.record().stopped_at &&
         std::find(names.begin(), names.end(), instance) != names.end();
}

// This actor's predecessor may have died when the instances had ended, and the router had not
// forgotten them yet.
void resuming::forget_destroyed() {
  history_query newest{lane_.lane.app, lane_.lane.cluster};
  auto page = lane_.with.records->history(newest);
  if (!page)
    return lane_.commits.cannot_go_on();
  for (const auto& one : page->deployments)
    if (was_active(one.state))
      return drain_.leave_router({one.id});
}

void resuming::take_up(resumption how) {
  const auto& d = *lane_.facts.in_flight();
  switch (how) {
  case resumption::uncounted:
    return steps_.act();
  case resumption::at_once:
    return count(resumes_with_this(d.internals.resumes, false), [this](receipt&) { steps_.act(); });
  case resumption::in_turn:
    steps_.hold();
    return deadlines_.arm(d, lane_.with.now());
  case resumption::given_up:
    return give_up();
  }
}

void resuming::take_turn(const pawl::take_turn&, const reply<done>& answer) {
  const auto& in_flight = lane_.facts.in_flight();
  if (!steps_.is_held() || !in_flight) // it was cancelled, or its deadline has passed
    return answer(done{});
  trial_ = trial{lane_.facts.visit(), answer};
  count(resumes_with_this(in_flight->internals.resumes, true), [this](receipt&) { steps_.act(); });
}

// A write of the record without a transition: its journal says nothing of it.
void resuming::count(std::uint32_t resumes, commit_queue::on_stored then) {
  change wanted;
  wanted.deployments.push_back(*lane_.facts.in_flight());
  wanted.deployments.back().internals.resumes = resumes;
  lane_.commits.commit(std::move(wanted), [this, resumes, then = std::move(then)](receipt& stored) {
    if (resumes > 0)
      lane_.self->delayed_send(lane_.self, limits::resume_trial,
                               resumption_survived{lane_.facts.visit()});
    then(stored);
  });
}

void resuming::survive(const resumption_survived& what) {
  if (lane_.facts.still(what.visit))
    count(0, [this](receipt&) {
      if (trial_)
        trial_->survived(done{});
      trial_.reset();
    });
}

void resuming::end_trial_if_moved() {
  if (!trial_ || lane_.facts.still(trial_->of))
    return;
  trial_->survived(done{});
  trial_.reset();
}

// Those that wait end first: otherwise the next of them would begin. The active deployment and its
// instances are left as they are, and are served again when the cluster is.
void resuming::end_unserved(const resume_lane& how) {
  stop_strays(how.running);
  const auto waiting = lane_.facts.queue();
  for (const auto& one : waiting)
    lane_.commits.enqueue([this, id = one.id] { steps_.fail_queued(id, *lane_.with.unserved); });
  if (lane_.facts.in_flight())
    lane_.commits.enqueue([this] {
      if (lane_.facts.in_flight()->state == state::cancelling)
        cancellation_.finish();
      else
        steps_.fail(*lane_.with.unserved);
    });
  lane_.commits.run_waiting();
}

// Nothing is tried again of what it was doing: only what it left is taken away.
void resuming::give_up() {
  if (lane_.facts.in_flight()->state == state::cancelling)
    return cancellation_.finish();
  steps_.fail(crashes_the_server(*lane_.facts.in_flight()));
}

} // namespace pawl
