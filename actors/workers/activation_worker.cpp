#include "actors/workers/activation_worker.hpp"

#include "actors/lane/served_instance.hpp"
#include "actors/runtime/own_thread.hpp"
#include "actors/workers/exit_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

double seconds_of(duration time) {
  constexpr double thousand = 1000;
  return static_cast<double>(time.count()) / thousand;
}

error silent_hand(const caf::error& why) {
  if (auto refused = refusal_in(why))
    return *refused;
  return {errc::unavailable, fmt::format("the engine did not answer: {}", caf::to_string(why)), {}};
}

} // namespace

caf::result<result<std::vector<instance>>>
activation_worker_state::activate(const activation_order& wanted) {
  order = wanted;
  promise = self->make_response_promise<result<std::vector<instance>>>();
  starter = new_caller();
  self->delayed_send(self, order.health.deadline, health_deadline_passed{});
  note(progress_event{"start", 0, order.specs.size(), "instances"});
  start_next();
  return promise;
}

// Linked, so that the engine caller ends with the worker.
engine_caller_actor activation_worker_state::new_caller() {
  auto made = make_caller();
  self->link_to(made);
  return made;
}

void activation_worker_state::start_next() {
  if (candidates.size() == order.specs.size()) {
    self->send_exit(starter, caf::exit_reason::user_shutdown);
    note(progress_event{"start", candidates.size(), candidates.size(), "instances"});
    begin_checks();
    return;
  }
  starting = true;
  auto report = [this](result<instance> made) {
    starting = false;
    if (outcome)
      conclude();
    else if (made)
      started(std::move(*made));
    else
      finish(std::move(made).error());
  };
  self->request(starter, limits::activation_grace, order.specs[candidates.size()])
      .then([report](result<instance>& made) { report(std::move(made)); },
            [report](const caf::error& why) { report(silent_hand(why)); });
}

// Nobody asks those that are not routed: they have to run on.
void activation_worker_state::begin_checks() {
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (is_web(candidates[i].running.name))
      probe(i);
    else
      self->delayed_send(self, candidates[i].settle, settle_passed{i});
  if (candidates.empty())
    conclude_if_healthy();
}

void activation_worker_state::started(instance running) {
  candidates.push_back({std::move(running),
                        health_policy{order.health.healthy_threshold},
                        check_pace{order.health.interval},
                        new_caller(),
                        {},
                        {}});
  candidates.back().settle = order.specs[candidates.size() - 1].settle;
  if (!is_web(candidates.back().running.name))
    candidates.back().health = health_policy{1};
  watch_exit(self, watch, candidates.back().running.name);
  start_next();
}

// Also one that was healthy before: with it, not all are.
void activation_worker_state::lose(const instance_exited& what) {
  auto how = exit_text(what.what);
  std::string_view hint;
  if (what.what.out_of_memory)
    hint = ". The server's configuration sets it: memory in [cluster.NAME]";
  else if (what.what.exit_status == 0 && is_web(what.what.name))
    hint = "; the command in [run] has to stay in the foreground as long as the app serves";
  else if (what.what.exit_status == 0)
    hint = "; the command of a process has to stay in the foreground as long as the process works";
  error why{
      errc::unhealthy,
      fmt::format("the new instance {} {}, before all were healthy{}", what.what.name, how, hint),
      {{"instance", what.what.name}, {"reason", how}}};
  if (what.what.exit_status)
    why.details["exit_status"] = std::to_string(*what.what.exit_status);
  finish(std::move(why));
}

void activation_worker_state::probe(std::size_t index) {
  const auto& one = candidates[index];
  self->request(one.caller, order.health.timeout + limits::request_timeout,
                probe_instance{one.running.name, one.running.address, order.health})
      .then([this, index](const probe_answer& answer) { checked(index, answer); },
            [this](const caf::error& why) { finish(silent_hand(why)); });
}

// An app may listen, and still not where it is asked; and where all machines can ask it.
void activation_worker_state::checked(std::size_t index, const probe_answer& answer) {
  if (outcome || order.warm || !is_worth_a_look(answer))
    return judge(index, answer);
  look(index, [this, index, answer](const listening_places& places) {
    tell_places(index, answer, places);
    judge(index, answer);
  });
}

bool activation_worker_state::is_worth_a_look(const probe_answer& answer) {
  if (answer.ok)
    return !std::exchange(looked_for_open, true);
  return !answer.answered && !told_misplaced;
}

// A look that fails has seen nothing: it is no reason to fail the activation.
void activation_worker_state::look(std::size_t index,
                                   std::function<void(const listening_places&)> then) {
  const auto& one = candidates[index];
  self->request(one.caller, limits::request_timeout, find_listening{one.running.name})
      .then([then](const listening_places& places) { then(places); },
            [then](const caf::error&) { then({}); });
}

// An app may open other ports first: it is told what was seen twice in a row.
void activation_worker_state::tell_places(std::size_t index, const probe_answer& answer,
                                          const listening_places& places) {
  auto& seen = candidates[index];
  if (answer.ok) {
    if (const auto open = open_places(places); !open.empty())
      warn(fmt::format("{} listens on {}: what reaches this machine reaches it there too, past the "
                       "router. Let it listen on $HOST, or have network = \"isolated\" set in "
                       "[cluster.{}] of the server's configuration",
                       seen.running.name, places_text(open), seen.running.lane.cluster));
    return;
  }
  if (told_misplaced ||
      judge_listening(seen.running.address, places) != listening_verdict::elsewhere)
    return seen.misplaced.clear();
  auto advice = listening_advice(seen.running.name, seen.running.address, places);
  if (advice == seen.misplaced) {
    told_misplaced = true;
    warn(std::move(advice));
  } else
    seen.misplaced = std::move(advice);
}

void activation_worker_state::judge(std::size_t index, const probe_answer& answer) {
  auto& seen = candidates[index];
  seen.health.observe(answer.ok);
  seen.answered = answer.answered;
  note_health(seen, answer);
  if (order.warm && !answer.ok)
    return finish(error{errc::unhealthy,
                        fmt::format("{}: {}", seen.running.name, answer.detail),
                        {{"instance", seen.running.name}}});
  if (!seen.health.healthy())
    self->delayed_send(self, seen.pace.next(answer.ok), probe_due{index});
  else
    conclude_if_healthy();
}

void activation_worker_state::settled(std::size_t index) {
  if (outcome)
    return;
  auto& seen = candidates[index];
  seen.health.observe(true);
  note_health(seen, {true, fmt::format("has run for {} s", seconds_of(seen.settle))});
  conclude_if_healthy();
}

void activation_worker_state::conclude_if_healthy() {
  if (!std::all_of(candidates.begin(), candidates.end(),
                   [](const candidate& one) { return one.health.healthy(); }))
    return;
  note(progress_event{"check", candidates.size(), candidates.size(), "instances"});
  std::vector<instance> healthy;
  for (const auto& one : candidates)
    healthy.push_back(one.running);
  finish(std::move(healthy));
}

// The last look is a new one: an app may have been slow to listen at all.
void activation_worker_state::give_up() {
  if (std::all_of(
          candidates.begin(), candidates.end(),
          [](const candidate& one) { return one.health.healthy() || !is_web(one.running.name); }) &&
      !starting)
    return; // the others settle by themselves, or end
  const auto late = std::find_if(candidates.begin(), candidates.end(), [](const candidate& one) {
    return !one.health.healthy() && !one.answered && is_web(one.running.name);
  });
  if (outcome || late == candidates.end())
    return fail_unhealthy({});
  const auto index = static_cast<std::size_t>(late - candidates.begin());
  look(index, [this, index](const listening_places& places) {
    const auto& one = candidates[index].running;
    auto advice = listening_advice(one.name, one.address, places);
    fail_unhealthy(advice.empty() ? advice : ". " + advice);
  });
}

void activation_worker_state::fail_unhealthy(const std::string& advice) {
  std::string seen;
  std::map<std::string, std::string> details;
  const auto seconds = seconds_of(order.health.deadline);
  for (const auto& one : candidates) {
    if (one.health.healthy() || !is_web(one.running.name))
      continue;
    auto answer = one.last_detail.empty() ? "no answer yet" : one.last_detail;
    seen += fmt::format("; {}: {}", one.running.name, answer);
    details.try_emplace("instance", one.running.name);
    details.try_emplace("reason", fmt::format("not healthy within {} s: {}", seconds, answer));
  }
  finish(error{errc::unhealthy,
               fmt::format("the new instances did not become healthy within {} s{}{}. [health] in "
                           "the app's pawl.toml sets the path, the Host and the deadline",
                           seconds, seen, advice),
               std::move(details)});
}

void activation_worker_state::stop(const caf::exit_msg& why) {
  if (!starter)
    return self->quit(why.reason);
  bool by_hand = why.source == starter.address() ||
                 std::any_of(candidates.begin(), candidates.end(), [&](const candidate& one) {
                   return why.source == one.caller.address();
                 });
  finish(by_hand ? silent_hand(why.reason)
                 : error{errc::cancelled, "the activation was stopped", {}});
}

// The receiver of the answer may stop the instances, so a start that is under way has to end
// before.
void activation_worker_state::finish(result<std::vector<instance>> with) {
  if (outcome)
    return;
  outcome = std::move(with);
  note_counted();
  self->send_exit(starter, caf::exit_reason::user_shutdown);
  for (const auto& one : candidates)
    self->send_exit(one.caller, caf::exit_reason::user_shutdown);
  if (!starting)
    conclude();
}

void activation_worker_state::conclude() {
  promise.deliver(std::move(*outcome));
  self->quit();
}

void activation_worker_state::note(event_body body) {
  self->send(lane, journal_note{order.deployment, std::move(body)});
}

void activation_worker_state::warn(std::string message) {
  note(warning_event{std::move(message)});
}

// Sixty seconds of the same refusal are one event: only what changed is noted. The answers of an
// app that says another thing each time are noted at first, and then counted.
void activation_worker_state::note_health(candidate& seen, const probe_answer& answer) {
  if (seen.noted && seen.last_ok == answer.ok && seen.last_detail == answer.detail)
    return;
  seen.noted = true;
  seen.last_ok = answer.ok;
  seen.last_detail = answer.detail;
  if (seen.events == limits::health_events) {
    ++seen.counted;
    return;
  }
  ++seen.events;
  note(health_event{seen.running.name, answer.ok, answer.detail});
}

void activation_worker_state::note_counted() {
  for (auto& one : candidates)
    if (one.counted > 0)
      note(health_event{one.running.name, one.last_ok,
                        fmt::format("{} (the last of {} more answers that differed)",
                                    one.last_detail, std::exchange(one.counted, 0))});
}

activation_worker_actor::behavior_type
activation_worker(asking_pointer<activation_worker_actor, activation_worker_state> self,
                  caller_maker make_caller, exit_watch watch, lane_reports_actor lane) {
  auto& state = self->state;
  state.self = self;
  state.make_caller = std::move(make_caller);
  state.watch = std::move(watch);
  state.lane = std::move(lane);
  // If the lane ends, its successor begins the activation again.
  state.owner.begin(self, state.lane);
  self->set_exit_handler([self](const caf::exit_msg& why) { self->state.stop(why); });
  return {
      [self](const activation_order& wanted) { return self->state.activate(wanted); },
      [self](const instance_exited& what) { self->state.lose(what); },
      [self](const probe_due& due) { self->state.probe(due.index); },
      [self](const settle_passed& what) { self->state.settled(what.index); },
      [self](const health_deadline_passed&) { self->state.give_up(); },
  };
}

} // namespace pawl
