#include "actors/lane/deployment_actor.hpp"

#include "actors/lane/lane_core.hpp"

namespace pawl {

namespace {

// A message that a part of the lane decides on: now, or when the decisions before it are made.
template <class Part, class Message>
void decide_by(lane_core* lane, Part& part, void (Part::*handle)(const Message&),
               const Message& what) {
  lane->commits().enqueue([&part, handle, what] { (part.*handle)(what); });
}

// The same of a request, which the part answers then or later.
template <class Part, class Request, class Answer>
caf::result<result<Answer>> answer_by(deployment_actor::pointer self, lane_core* lane, Part& part,
                                      void (Part::*handle)(const Request&, const reply<Answer>&),
                                      const Request& what) {
  auto promise = self->make_response_promise<result<Answer>>();
  lane->commits().enqueue(
      [&part, handle, what, kept = reply<Answer>{promise}] { (part.*handle)(what, kept); });
  return promise;
}

// A handler that does the one, or the other.
template <class Part, class Message>
auto decides(lane_core* lane, Part& part, void (Part::*handle)(const Message&)) {
  return [lane, &part, handle](const Message& what) { decide_by(lane, part, handle, what); };
}

template <class Part, class Request, class Answer>
auto answers(deployment_actor::pointer self, lane_core* lane, Part& part,
             void (Part::*handle)(const Request&, const reply<Answer>&)) {
  return [self, lane, &part, handle](const Request& what) {
    return answer_by(self, lane, part, handle, what);
  };
}

} // namespace

deployment_actor_state::deployment_actor_state() = default;
deployment_actor_state::~deployment_actor_state() = default;

lane_core& deployment_actor_state::begin(deployment_actor::pointer self, lane_key lane,
                                         lane_parts with) {
  core_ = std::make_unique<lane_core>(self, std::move(lane), std::move(with));
  return *core_;
}

deployment_actor::behavior_type
deployment_lane(asking_pointer<deployment_actor, deployment_actor_state> self, lane_key lane,
                lane_parts parts) {
  auto* it = &self->state.begin(self, std::move(lane), std::move(parts));
  return {
      // lane_requests_actor
      [=](const start_deploy& what) {
        return answer_by(self, it, it->requests(), &requests::start_deployment, what);
      },
      [=](const start_release& what) {
        return answer_by(self, it, it->requests(), &requests::start_release, what);
      },
      [=](const cancel_deployment& what) {
        return answer_by(self, it, it->cancellation(), &cancellation::cancel, what);
      },
      [=](const plan_rollback& what) {
        return answer_by(self, it, it->requests(), &requests::plan, what);
      },
      [=](const destroy_lane& what) {
        return answer_by(self, it, it->destruction(), &destruction::begin, what);
      },
      [=](const remove_volume& what) {
        return answer_by(self, it, it->volume_removal(), &volume_removal::begin, what);
      },
      [=](const describe_lane&) { return it->describe(); },
      answers(self, it, it->scaling(), &scaling::show),
      answers(self, it, it->scaling(), &scaling::scale),
      answers(self, it, it->scaling(), &scaling::stop),
      answers(self, it, it->scaling(), &scaling::start),
      answers(self, it, it->scaling(), &scaling::restart),
      [=](const configure_lane& what) {
        return answer_by(self, it, it->configuring(), &configuring::configure, what);
      },
      // lane_reports_actor
      [=](const upload_moved& what) { decide_by(it, it->intake(), &intake::note_moved, what); },
      [=](const journal_note& what) { it->commits().note(what.deployment, what.body); },
      [=](const instance_checked& what) {
        decide_by(it, it->service(), &service::note_check, what);
      },
      // lane_supervision_actor
      [=](const resume_lane& how) { it->resuming().resume(how); },
      [=](const take_turn& what) {
        return answer_by(self, it, it->resuming(), &resuming::take_turn, what);
      },
      [=](const instance_exited& what) { it->lose_instance(what); },
      // lane_timers_actor
      [=](const deadlines_due&) { it->pass_deadlines(); },
      [=](const notes_due&) { it->commits().store_notes(); },
      [=](const idle_passed&) { it->end_if_idle(); },
      [=](const resumption_survived& what) {
        decide_by(it, it->resuming(), &resuming::survive, what);
      },
      [=](const drain_passed& what) { decide_by(it, it->drain(), &drain::pass_drain, what); },
      [=](const warm_passed& what) {
        decide_by(it, it->replaced(), &replaced_instances::pass, what);
      },
      [=](const give_up_warm& what) {
        decide_by(it, it->replaced(), &replaced_instances::give_up, what);
      },
      [=](const restart_instance& what) { decide_by(it, it->service(), &service::restart, what); },
      [=](const watch_passed& what) { decide_by(it, it->service(), &service::end_watch, what); },
      [=](const repeat_step& what) { decide_by(it, it->steps(), &steps::repeat, what); },
      [=](const stop_again& what) { decide_by(it, it->drain(), &drain::stop_again, what); },
      [=](const leave_router_again& what) {
        decide_by(it, it->drain(), &drain::leave_router_again, what);
      },
      [=](const discard_again& what) { decide_by(it, it->drain(), &drain::discard_again, what); },
      [=](const restore_route_again& what) {
        decide_by(it, it->service(), &service::restore_route_again, what);
      },
      decides(it, it->drain(), &drain::close_route_again),
      decides(it, it->scaling(), &scaling::end_drained),
  };
}

} // namespace pawl
