#include "actors/lane/deployment_actor.hpp"

#include "actors/lane/lane_core.hpp"

namespace pawl {

namespace {

// Handles a message that a part of the lane decides on: now, or when the decisions before it are
// made.
template <class Part, class Message>
auto decides(lane_core* lane, Part& part, void (Part::*handle)(const Message&)) {
  return [lane, &part, handle](const Message& what) {
    lane->commits().enqueue([&part, handle, what] { (part.*handle)(what); });
  };
}

// The same of a request, which the part answers then or later.
template <class Part, class Request, class Answer>
auto answers(deployment_actor::pointer self, lane_core* lane, Part& part,
             void (Part::*handle)(const Request&, const reply<Answer>&)) {
  return [self, lane, &part, handle](const Request& what) -> caf::result<result<Answer>> {
    auto promise = self->make_response_promise<result<Answer>>();
    lane->commits().enqueue(
        [&part, handle, what, kept = reply<Answer>{promise}] { (part.*handle)(what, kept); });
    return promise;
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
      answers(self, it, it->requests(), &requests::start_deployment),
      answers(self, it, it->requests(), &requests::start_release),
      answers(self, it, it->cancellation(), &cancellation::cancel),
      answers(self, it, it->requests(), &requests::plan),
      answers(self, it, it->destruction(), &destruction::begin),
      answers(self, it, it->volume_removal(), &volume_removal::begin),
      [=](const describe_lane&) { return it->describe(); },
      answers(self, it, it->scaling(), &scaling::show),
      answers(self, it, it->scaling(), &scaling::scale),
      answers(self, it, it->scaling(), &scaling::stop),
      answers(self, it, it->scaling(), &scaling::start),
      answers(self, it, it->scaling(), &scaling::restart),
      answers(self, it, it->configuring(), &configuring::configure),
      // lane_reports_actor
      decides(it, it->intake(), &intake::note_moved),
      [=](const journal_note& what) { it->commits().note(what.deployment, what.body); },
      decides(it, it->service(), &service::note_check),
      // lane_supervision_actor
      [=](const resume_lane& how) { it->resuming().resume(how); },
      answers(self, it, it->resuming(), &resuming::take_turn),
      [=](const instance_exited& what) { it->lose_instance(what); },
      // lane_timers_actor
      [=](const deadlines_due&) { it->pass_deadlines(); },
      [=](const notes_due&) { it->commits().store_notes(); },
      [=](const idle_passed&) { it->end_if_idle(); },
      decides(it, it->resuming(), &resuming::survive),
      decides(it, it->drain(), &drain::pass_drain),
      decides(it, it->replaced(), &replaced_instances::pass),
      decides(it, it->replaced(), &replaced_instances::give_up),
      decides(it, it->service(), &service::restart),
      decides(it, it->service(), &service::end_watch),
      decides(it, it->steps(), &steps::repeat),
      decides(it, it->drain(), &drain::stop_again),
      decides(it, it->drain(), &drain::leave_router_again),
      decides(it, it->drain(), &drain::discard_again),
      decides(it, it->service(), &service::restore_route_again),
      decides(it, it->drain(), &drain::close_route_again),
      decides(it, it->scaling(), &scaling::end_drained),
  };
}

} // namespace pawl
