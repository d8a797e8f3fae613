// Going on with what the store has of the lane: when the server has started, or when the lane alone
// had ended.
#include "actors/lane_resumption.hpp"

#include "actors/lane/deployment_actor.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

error crashes_the_server(const deployment& d) {
  return {errc::internal,
          fmt::format("the server crashed {} times in a row when it went on with this deployment, "
                      "which was {}; so it was given up. This is a bug of pawld: report it, with "
                      "the server's log. To try again, deploy again",
                      d.internals.resumes, to_string(d.state)),
          {{"resumes", std::to_string(d.internals.resumes)}}};
}

} // namespace

void deployment_actor_state::resume(const resume_lane& how) {
  if (resumed)
    return;
  resumed = true;
  for (const auto& one : queue)
    arm_deadline(one);
  if (how.rested && (!active || active->id != how.rested->deployment))
    return end(); // it is not what rested: only a listing can say what runs
  resume_service(how);
  stop_strays(how.running);
  // This actor's predecessor may have died between the switch and its commit; or after an instance
  // had left the route, and before it was back.
  if (active && !how.routed && !how.rested)
    restore_route();
  // Its switch may be under way still, and must not come true when the deployment has failed.
  if (in_flight && in_flight->state == state::activating && !how.routed) {
    leave_router(in_flight->id, [] {});
  }
  if (in_flight)
    take_up(how.how);
  run_waiting();
}

void deployment_actor_state::take_up(resumption how) {
  switch (how) {
  case resumption::uncounted:
    return act();
  case resumption::at_once:
    return count_resumption(resumes_with_this(in_flight->internals.resumes, false),
                            [this](receipt&) { act(); });
  case resumption::in_turn:
    held = true;
    return arm_deadline(*in_flight);
  case resumption::given_up:
    return give_up();
  }
}

void deployment_actor_state::take_its_turn(const take_turn&, reply<done> answer) {
  if (!held || !in_flight) // it was cancelled, or its deadline has passed
    return answer(done{});
  trial = resumption_trial{here(), std::move(answer)};
  count_resumption(resumes_with_this(in_flight->internals.resumes, true),
                   [this](receipt&) { act(); });
}

// A write of the record without a transition: its journal says nothing of it.
void deployment_actor_state::count_resumption(std::uint32_t resumes, on_stored then) {
  change wanted;
  wanted.deployments.push_back(*in_flight);
  wanted.deployments.back().internals.resumes = resumes;
  commit(std::move(wanted), [this, resumes, then = std::move(then)](receipt& stored) {
    in_flight = stored.deployments.front();
    if (resumes > 0)
      self->delayed_send(self, limits::resume_trial,
                         resumption_survived{in_flight->id, in_flight->transitions.size()});
    then(stored);
  });
}

void deployment_actor_state::survive_resumption(const resumption_survived& what) {
  if (still({what.deployment, what.mark}))
    count_resumption(0, [this](receipt&) {
      if (trial)
        trial->survived(done{});
      trial.reset();
    });
}

void deployment_actor_state::end_trial_if_moved() {
  if (!trial || still(trial->of))
    return;
  trial->survived(done{});
  trial.reset();
}

// Nothing is tried again of what it was doing: only what it left is taken away.
void deployment_actor_state::give_up() {
  if (in_flight->state == state::cancelling)
    return finish_cancel();
  fail_with(crashes_the_server(*in_flight));
}

} // namespace pawl
