#include "actors/lane/lane_core.hpp"

#include "lifecycle/deadlines.hpp"

namespace pawl {

lane_core::lane_core(deployment_actor::pointer self, lane_key lane, lane_parts with)
    : context_{self, std::move(lane), std::move(with), facts_, commits_, *this},
      commits_(facts_, *this), deadlines_(
                                   facts_, [self] { return self->clock().now(); },
                                   [self](deadlines::time_point::duration wait) {
                                     self->delayed_send(self, wait, deadlines_due{});
                                   }),
      resuming_(context_, switches_, deadlines_, drain_, replaced_, service_, replacing_, steps_,
                cancellation_),
      cancellation_(context_, switches_, drain_, orders_, steps_),
      intake_(context_, deadlines_, errands_), drain_(context_, switches_, intake_, errands_),
      replaced_(context_, switches_, drain_), orders_(context_, drain_),
      service_(context_, switches_, drain_, replaced_, errands_),
      replacing_(context_, drain_, service_),
      switch_(context_, switches_, drain_, replaced_, service_),
      steps_(context_, switches_, deadlines_, intake_, drain_, replaced_, replacing_, orders_,
             switch_),
      destruction_(context_, drain_, replaced_, service_, errands_),
      volume_removal_(context_, replaced_, errands_), warm_check_(context_, replaced_, errands_),
      requests_(context_, switches_, deadlines_, intake_, drain_, warm_check_, steps_),
      configuring_(context_, requests_), going_back_(context_, warm_check_, service_, requests_),
      scaling_(context_, drain_, replaced_, service_, errands_), idleness_(context_.with.idle) {
  if (!facts_.load(*context_.with.records, context_.lane))
    quit();
  const auto& found = facts_.in_flight();
  if (found && (found->state == state::activating || found->state == state::cancelling))
    switches_.record(found->id, routing_event::found);
}

// All work for the deployment in flight is stopped: the lane's successor begins it again.
lane_core::~lane_core() {
  orders_.request_stop();
}

protocol::lane_view lane_core::describe() const {
  const auto& lane = context_.lane;
  const auto& in_flight = facts_.in_flight();
  protocol::lane_view view{lane.app, lane.cluster, facts_.active(), {}, in_flight, {}, {}};
  view.queued.assign(facts_.queue().begin(), facts_.queue().end());
  if (in_flight)
    view.deadline = deadline_at(*in_flight);
  view.instances = service_.views();
  view.stopped_at = facts_.record().stopped_at;
  return view;
}

void lane_core::lose_instance(const instance_exited& what) {
  commits_.enqueue([this, what] {
    service_.lose_instance(what);
    replaced_.lose_instance(what);
  });
}

void lane_core::pass_deadlines() {
  deadlines_.pass([this](const deadlines::entry& one) {
    commits_.enqueue([this, one] {
      switch (one.what) {
      case deadlines::purpose::leave_state:
        return cancellation_.pass_deadline(one.of);
      case deadlines::purpose::upload_check:
        return intake_.check(one.of);
      }
    });
  });
}

// Nothing to do, and nothing to keep up but what runs: the store has all else there is to say of
// the lane.
bool lane_core::is_idle() const {
  return commits_.is_quiet() && !facts_.busy() && drain_.is_empty() && replaced_.is_empty() &&
         switches_.all_have_left() && intake_.is_empty() && errands_.none() &&
         (!keeps_up_service() || service_.is_quiet());
}

void lane_core::look_for_idleness() {
  if (!is_idle())
    return;
  if (auto wait = idleness_.begin(context_.self->clock().now()))
    context_.self->delayed_send(context_.self, *wait, idle_passed{});
}

// Without a reason, which says to the SUPERVISOR that the lane is not to be brought back; it learns
// before, in the same step, what to keep. Messages that are in the mailbox then, or come late, are
// answered with sec::request_receiver_down, behind that.
void lane_core::end_if_idle() {
  if (!is_idle())
    return idleness_.end();
  if (auto wait = idleness_.passed(context_.self->clock().now()))
    return context_.self->delayed_send(context_.self, *wait, idle_passed{});
  if (keeps_up_service())
    context_.self->send(context_.with.supervisor, lane_rests{context_.lane, service_.at_rest()});
  context_.self->quit();
}

void lane_core::store(change wanted, on_answer answered) {
  context_.self->request(context_.with.writer, limits::request_timeout, std::move(wanted))
      .then([answered = std::move(answered)](result<receipt>& answer) { answered(answer); },
            // Whether it was stored is not known: only the store can say.
            [this](const caf::error&) { commits_.cannot_go_on(); });
}

void lane_core::store_notes(change wanted) {
  context_.self->request(context_.with.writer, limits::request_timeout, std::move(wanted))
      .then([](const result<receipt>&) {}, [](const caf::error&) {});
}

void lane_core::call_for_notes() {
  context_.self->delayed_send(context_.self, limits::log_batch_delay, notes_due{});
}

void lane_core::decided() {
  if (commits_.is_free())
    steps_.start_next();
  look_for_idleness();
}

void lane_core::quit() {
  context_.self->quit(caf::make_error(caf::sec::runtime_error));
}

} // namespace pawl
