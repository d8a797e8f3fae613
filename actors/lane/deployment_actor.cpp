#include "actors/lane/deployment_actor.hpp"

#include <algorithm>

namespace pawl {

namespace {

// How an actor of ours ends when it cannot go on: its supervisor revives it.
caf::error cannot_go_on() {
  return caf::make_error(caf::sec::runtime_error);
}

} // namespace

void deployment_actor_state::load() {
  auto known = parts.records->lane(lane);
  auto open = parts.records->unfinished(lane);
  if (!known || !open) {
    self->quit(cannot_go_on());
    return;
  }
  record = std::move(*known);
  if (record.active) {
    auto serving_now = parts.records->find(*record.active);
    if (!serving_now) {
      self->quit(cannot_go_on());
      return;
    }
    active = std::move(*serving_now);
  }
  for (auto& one : *open) {
    if (is_in_flight(one.state))
      in_flight = std::move(one);
    else
      queue.push_back(std::move(one));
  }
  if (in_flight && (in_flight->state == state::activating || in_flight->state == state::cancelling))
    switches.record(in_flight->id, routing_event::found);
}

void deployment_actor_state::decide(decision what) {
  waiting.push_back(std::move(what));
  run_waiting();
}

void deployment_actor_state::run_waiting() {
  while (resumed && !committing && !waiting.empty()) {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    next();
  }
  if (resumed && !committing)
    start_next();
  wait_for_idleness();
}

// Nothing to do, and nothing to keep up but what runs: the store has all else there is to say of
// the lane.
bool deployment_actor_state::idle() const {
  return resumed && !committing && waiting.empty() && !in_flight && queue.empty() &&
         draining.empty() && switches.all_have_left() && uploads.empty() && errands == 0 &&
         (!active || serves_quietly());
}

// One timer, set again for what is left: a busy lane would gather one for each decision.
void deployment_actor_state::wait_for_idleness() {
  if (!idle())
    return;
  idle_since = self->clock().now();
  if (!std::exchange(idle_timer, true))
    self->delayed_send(self, parts.idle, idle_passed{});
}

// Without a reason, which says to the supervisor that the lane is not to be brought back; it learns
// before, in the same step, what to keep. What is in the mailbox then, or comes late, is answered
// with sec::request_receiver_down, behind that.
void deployment_actor_state::end_if_idle() {
  idle_timer = false;
  if (!idle())
    return;
  if (const auto left = idle_since + parts.idle - self->clock().now(); left > left.zero()) {
    idle_timer = true;
    return self->delayed_send(self, left, idle_passed{});
  }
  if (active)
    self->send(parts.supervisor, lane_rests{lane, at_rest()});
  self->quit();
}

void deployment_actor_state::end() {
  waiting.clear();
  resumed = false;
  self->quit(cannot_go_on());
}

void deployment_actor_state::commit(change wanted, on_stored then, on_refused otherwise) {
  committing = true;
  self->request(parts.writer, limits::request_timeout, std::move(wanted))
      .then(
          [this, then = std::move(then),
           otherwise = std::move(otherwise)](result<receipt>& answer) {
            committing = false;
            if (answer)
              then(*answer);
            else
              otherwise(std::move(answer).error());
            end_trial_if_moved();
            run_waiting();
          },
          // Whether it was stored is not known: only the store can say, so begin again from it.
          [this](const caf::error&) { end(); });
}

void deployment_actor_state::commit(change wanted, on_stored then) {
  add_notes(wanted);
  commit(std::move(wanted), std::move(then), [this](const error&) { end(); });
}

// Stores a deployment that advance() or fail() has moved, with the event that says so, and the
// version that it is given.
void deployment_actor_state::move(result<deployment> advanced, on_stored then,
                                  std::optional<version_record> version) {
  if (!advanced) {
    end();
    return;
  }
  change wanted;
  wanted.journal.push_back(
      {advanced->id, {{0, parts.now(), state_event{advanced->state, advanced->error}}}});
  wanted.deployments.push_back(std::move(*advanced));
  wanted.version = std::move(version);
  commit(std::move(wanted), [this, then = std::move(then)](receipt& stored) {
    in_flight = stored.deployments.front();
    if (is_settled(in_flight->state)) {
      auto ended = std::move(*in_flight);
      in_flight.reset();
      stored.deployments.front() = ended;
    }
    then(stored);
  });
}

void deployment_actor_state::act() {
  held = false;
  arm_deadline(*in_flight);
  switch (next_action(in_flight->state)) {
  case action::receive_source:
    return receive_source();
  case action::build:
    return build();
  case action::push:
    return push();
  case action::run_release:
    return run_release();
  case action::activate:
    return activate();
  case action::stop_work:
    return stop_work();
  case action::wait_for_turn:
  case action::watch_instances:
  case action::nothing:
    return;
  }
}

void deployment_actor_state::start_next() {
  if (in_flight || queue.empty())
    return;
  auto first = first_step(queue.front().operation);
  move(advance(queue.front(), first, parts.now(), "pawl"), [this](receipt&) {
    queue.pop_front();
    act();
  });
}

bool deployment_actor_state::still(const stay& then) const {
  return in_flight && in_flight->id == then.deployment &&
         in_flight->transitions.size() == then.transitions;
}

// Notes ask for no decision. They go with the deployment's next move, which most often comes at
// once, or alone when they have waited for it: each change costs the writer as much as a move.
void deployment_actor_state::note(const journal_note& what) {
  if (!in_flight || in_flight->id != what.deployment)
    return;
  if (notes.deployment != what.deployment)
    notes = {what.deployment, {}};
  notes.events.push_back({0, parts.now(), what.body});
  if (notes.events.size() == 1)
    self->delayed_send(self, limits::log_batch_delay, notes_due{});
}

void deployment_actor_state::store_notes() {
  if (!has_notes())
    return;
  change wanted;
  wanted.journal.push_back(std::exchange(notes, {}));
  self->request(parts.writer, limits::request_timeout, std::move(wanted))
      .then([](const result<receipt>&) {}, [](const caf::error&) {});
}

// What came after the deployment's last move is told to nobody.
bool deployment_actor_state::has_notes() const {
  return in_flight && in_flight->id == notes.deployment && !notes.events.empty();
}

void deployment_actor_state::add_notes(change& to) {
  const bool moves = std::any_of(to.deployments.begin(), to.deployments.end(),
                                 [this](const auto& one) { return one.id == notes.deployment; });
  if (moves && has_notes())
    to.journal.insert(to.journal.begin(), std::exchange(notes, {}));
}

deployment_actor::behavior_type
deployment_lane(asking_pointer<deployment_actor, deployment_actor_state> self, lane_key lane,
                lane_parts parts) {
  auto& state = self->state;
  state.self = self;
  state.lane = std::move(lane);
  state.parts = std::move(parts);
  state.load();
  auto on = [self](auto method) {
    return [self, method](const auto& what) {
      self->state.decide([self, method, what] { (self->state.*method)(what); });
    };
  };
  auto answer = [self]<class T>(auto method, const auto& what, std::type_identity<T>) {
    auto promise = self->make_response_promise<result<T>>();
    self->state.decide(
        [self, method, what, kept = reply<T>{promise}] { (self->state.*method)(what, kept); });
    return caf::result<result<T>>{promise};
  };
  using s = deployment_actor_state;
  return {
      [answer](const start_deploy& what) {
        return answer(&s::start_deployment, what, std::type_identity<admitted>{});
      },
      [answer](const start_release& what) {
        return answer(&s::start_earlier_version, what, std::type_identity<admitted>{});
      },
      [answer](const cancel_deployment& what) {
        return answer(&s::cancel, what, std::type_identity<deployment>{});
      },
      [self](const plan_rollback& what) { return self->state.plan(what); },
      [self](const describe_lane&) { return self->state.describe(); },
      [on](const upload_moved& what) { on (&s::note_upload)(what); },
      [self](const journal_note& what) { self->state.note(what); },
      [self](const resume_lane& how) { self->state.resume(how); },
      [answer](const take_turn& what) {
        return answer(&s::take_its_turn, what, std::type_identity<done>{});
      },
      [on](const instance_exited& what) { on (&s::lose_instance)(what); },
      [self](const moments_due&) { self->state.pass_moments(); },
      [self](const notes_due&) { self->state.store_notes(); },
      [on](const resumption_survived& what) { on (&s::survive_resumption)(what); },
      [on](const drain_passed& what) { on (&s::stop_drained)(what); },
      [on](const instance_checked& what) { on (&s::note_check)(what); },
      [on](const restart_instance& what) { on (&s::restart)(what); },
      [on](const watch_passed& what) { on (&s::end_watch)(what); },
      [self](const try_again& again) { self->state.decide(again.what); },
      [self](const idle_passed&) { self->state.end_if_idle(); },
  };
}

} // namespace pawl
