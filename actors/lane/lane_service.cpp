// The instances of the active deployment, each kept up by itself.
#include "actors/lane/deployment_actor.hpp"

#include <algorithm>

namespace pawl {

static_assert(limits::lane_idle >= limits::restart_backoff_max,
              "a lane that rests has forgotten no back-off that an instance is still in");

// What of the active deployment runs, serves; what should run and does not is started.
void deployment_actor_state::serve(const std::vector<instance>& running) {
  stop_serving();
  begin_watch();
  for (const auto& spec : specs(*active)) {
    auto& one = serving.emplace_back(served_instance{spec.name});
    auto found = std::find_if(running.begin(), running.end(),
                              [&](const instance& seen) { return seen.name == spec.name; });
    if (found != running.end() && found->state == instance_state::running) {
      keep_up(one, *found);
    } else {
      one.detail = "it did not run when the server looked";
      one.since = self->clock().now();
      self->send(self, restart_instance{active->id, one.name});
    }
  }
}

void deployment_actor_state::resume_service(const resume_lane& how) {
  if (how.rested)
    go_on_serving(*how.rested);
  else if (active)
    serve(how.running);
}

// It rested when its watch_period had passed: no jump of the wall clock begins it anew.
void deployment_actor_state::go_on_serving(const service_at_rest& rested) {
  for (const auto& life : rested.instances) {
    auto& one =
        serving.emplace_back(served_instance{instance_name(rested.deployment, serving.size() + 1),
                                             life.address, service_phase::running});
    one.watch = life.watch;
    one.since = self->clock().now();
  }
}

void deployment_actor_state::keep_up(served_instance& one, const instance& running) {
  one.phase = service_phase::running;
  one.address = running.address;
  one.detail.clear();
  one.since = self->clock().now();
  one.watch = parts.watches->begin(*parts.engine, one.name, parts.supervisor);
  check_regularly_if_watched(one);
}

// Nothing has to be decided until somebody asks, or an instance ends.
bool deployment_actor_state::serves_quietly() const {
  return !watching && !serving.empty() &&
         std::all_of(serving.begin(), serving.end(), [](const served_instance& one) {
           return one.phase == service_phase::running && !one.checker;
         });
}

service_at_rest deployment_actor_state::at_rest() const {
  service_at_rest service{active->id};
  for (const auto& one : serving)
    service.instances.push_back({one.address, one.watch});
  return service;
}

served_instance* deployment_actor_state::find_serving(const std::string& which) {
  auto found = std::find_if(serving.begin(), serving.end(),
                            [&](const served_instance& one) { return one.name == which; });
  return found == serving.end() ? nullptr : &*found;
}

void deployment_actor_state::lose_instance(const instance_exited& what) {
  auto* lost = find_serving(what.what.name);
  if (lost == nullptr || !lost->serves() || lost->watch != what.watch)
    return;
  watched.observe_end(lost->name);
  restart_later(*lost, exit_text(what.what));
  // The others serve alone meanwhile: the lost one's port may soon be another app's. While the
  // traffic is being switched away, the route is not ours to change.
  if (switches.may_restore_route())
    restore_route();
  judge_watch(*lost);
}

void deployment_actor_state::restart_later(served_instance& one, std::string why) {
  self->send_exit(std::exchange(one.checker, {}), caf::exit_reason::user_shutdown);
  auto now = self->clock().now();
  if (one.serves() && now - one.since > limits::restart_backoff_max)
    one.backoff = limits::restart_backoff_first;
  one.phase = service_phase::restarting;
  one.detail = std::move(why);
  one.since = now + one.backoff;
  self->delayed_send(self, one.backoff, restart_instance{active->id, one.name});
  one.backoff = std::min<duration>(one.backoff * 2, limits::restart_backoff_max);
}

// Starts it, and waits until it is healthy.
void deployment_actor_state::restart(const restart_instance& what) {
  auto* one = find_serving(what.name);
  if (!active || active->id != what.deployment || one == nullptr ||
      one->phase != service_phase::restarting)
    return;
  auto all = specs(*active);
  std::erase_if(all, [&](const instance_spec& spec) { return spec.name != what.name; });
  one->phase = service_phase::starting;
  one->starter = parts.make_activation_worker(deployment_actor{self});
  const auto& health = active->internals.settings->health;
  auto report = [this, what](result<std::vector<instance>> outcome) {
    decide([this, what, outcome = std::move(outcome)] { end_restart(what, outcome); });
  };
  self->request(one->starter, health.deadline + limits::activation_grace,
                activation_order{std::move(all), health})
      .then(
          [report](result<std::vector<instance>>& answer) { report(std::move(answer)); },
          [report](const caf::error& why) {
            report(error{errc::internal, "its start was not answered: " + caf::to_string(why), {}});
          });
}

void deployment_actor_state::end_restart(const restart_instance& what,
                                         const result<std::vector<instance>>& outcome) {
  if (!active || active->id != what.deployment) {
    // Replaced meanwhile, and perhaps drained before the worker had started it.
    if (auto replaced = parts.records->find(what.deployment);
        replaced && !draining.contains(what.deployment))
      clean_up(*replaced);
    return;
  }
  auto* one = find_serving(what.name);
  if (one == nullptr || one->phase != service_phase::starting)
    return;
  self->send_exit(std::exchange(one->starter, {}), caf::exit_reason::user_shutdown);
  if (!outcome) {
    const auto& why = outcome.error();
    auto reason = why.details.find("reason");
    if (why.code == errc::unhealthy) // else it is the machine's fault, and another version's too
      watched.observe_end(one->name);
    one->detail = reason == why.details.end() ? why.message : reason->second;
    end_life(what);
    return judge_watch(*one);
  }
  keep_up(*one, outcome->front());
  if (switches.may_restore_route())
    restore_route();
}

// One that hangs would be found running, and be checked in vain, for ever: each try begins with a
// new life.
void deployment_actor_state::end_life(const restart_instance& what) {
  auto stopper = hand();
  auto ended = [this, what, stopper] {
    dismiss(stopper);
    auto* one = find_serving(what.name);
    if (active && active->id == what.deployment && one != nullptr &&
        one->phase == service_phase::starting)
      restart_later(*one, one->detail);
  };
  auto grace = active->internals.settings->run.stop_timeout;
  self->request(stopper, grace + limits::request_timeout, stop_instance{what.name, grace})
      .then([ended](const result<done>&) { ended(); }, [ended](const caf::error&) { ended(); });
}

void deployment_actor_state::stop_serving() {
  for (auto& one : serving) {
    self->send_exit(one.starter, caf::exit_reason::user_shutdown);
    self->send_exit(one.checker, caf::exit_reason::user_shutdown);
  }
  serving.clear();
}

void deployment_actor_state::restore_route() {
  route back{lane, active->id, {}};
  for (const auto& one : serving)
    if (one.serves())
      back.addresses.push_back(one.address);
  auto answered = [this, id = active->id](bool switched) {
    --errands;
    if (!switched)
      retry_route(id);
    wait_for_idleness();
  };
  ++errands; // nobody else would ask again
  self->request(parts.routes, limits::switch_timeout, switch_route{std::move(back)})
      .then([answered](const result<done>& switched) { answered(switched.has_value()); },
            [answered](const caf::error&) { answered(false); });
}

// Else what serves would get no requests until one of its instances changes again.
void deployment_actor_state::retry_route(const std::string& deployment) {
  try_later([this, deployment] {
    if (active && active->id == deployment && switches.may_restore_route())
      restore_route();
  });
}

} // namespace pawl
