// The instances of the active deployment: kept up, and those of the one before drained.
#include "actors/deployment_actor.hpp"

#include <algorithm>

namespace pawl {

void deployment_actor_state::serve(const std::vector<instance>& instances) {
  serving.clear();
  serving_since = self->clock().now();
  for (const auto& one : instances) {
    serving.push_back({one.name, "running", one.address});
    parts.engine->watch(one.name, [lane_handle = caf::actor_cast<caf::weak_actor_ptr>(
                                       self->ctrl())](instance exited) {
      if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(lane_handle))
        caf::anon_send(caf::actor_cast<deployment_actor>(alive),
                       instance_exited{std::move(exited)});
    });
  }
}

// What runs of the active deployment serves on; what should run and does not is started again.
void deployment_actor_state::resume_service(const std::vector<instance>& running) {
  if (!active)
    return;
  std::vector<instance> ours;
  for (const auto& one : running)
    if (one.deployment == active->id && one.state == instance_state::running)
      ours.push_back(one);
  serve(ours);
  if (ours.size() >= specs(*active).size())
    return;
  restoring = active->id;
  self->send(self, restore_service{active->id});
}

// What runs of deployments that neither serve nor are in flight: what was replaced gets the drain
// that a restart has cut off; anything else was never routed to.
void deployment_actor_state::stop_strays(const std::vector<instance>& running) {
  for (const auto& one : running) {
    if ((active && one.deployment == active->id) || (in_flight && one.deployment == in_flight->id))
      continue;
    auto owner = parts.records->find(one.deployment);
    if (owner && was_active(owner->state)) {
      drain_later(*owner);
      continue;
    }
    auto stopper = hand();
    auto finished = [this, stopper] { self->send_exit(stopper, caf::exit_reason::user_shutdown); };
    self->request(stopper, limits::stop_timeout + limits::request_timeout,
                  stop_instance{one.name, limits::stop_timeout})
        .then([finished](const result<done>&) { finished(); },
              [finished](const caf::error&) { finished(); });
  }
}

// Linked: whatever ends the lane ends its hands.
engine_hand_actor deployment_actor_state::hand() {
  auto made = parts.make_hand();
  self->link_to(made);
  return made;
}

void deployment_actor_state::drain_later(const deployment& replaced) {
  if (draining.emplace(replaced.id, replaced).second)
    self->delayed_send(self, parts.cluster.drain, drain_passed{replaced.id});
}

void deployment_actor_state::stop_drained(const drain_passed& what) {
  auto entry = draining.find(what.deployment);
  if (entry == draining.end())
    return;
  auto replaced = std::move(entry->second);
  draining.erase(entry);
  auto grace = replaced.internals.settings->run.stop_timeout;
  auto all = specs(replaced);
  // The app gets its SIGTERM first and ends its connections itself; what is left of them the router
  // cuts after that.
  auto stopper = hand();
  auto left = std::make_shared<std::size_t>(all.size());
  auto stopped = [this, stopper, left, id = replaced.id] {
    if (--*left > 0)
      return;
    self->send_exit(stopper, caf::exit_reason::user_shutdown);
    self->request(parts.routes, limits::switch_timeout, forget_route{lane, id})
        .then([](const result<done>&) {}, [](const caf::error&) {});
  };
  for (const auto& spec : all)
    self->request(stopper, grace + limits::request_timeout, stop_instance{spec.name, grace})
        .then([stopped](const result<done>&) { stopped(); },
              [stopped](const caf::error&) { stopped(); });
}

void deployment_actor_state::lose_instance(const instance_exited& what) {
  auto lost = std::find_if(serving.begin(), serving.end(),
                           [&](const auto& one) { return one.name == what.what.name; });
  if (!active || active->id != what.what.deployment || lost == serving.end())
    return;
  lost->state = "exited";
  // The others serve alone meanwhile: the lost one's port may soon be another app's. While the
  // traffic is being switched away, the route is not ours to change.
  if (!switching)
    restore_route();
  if (self->clock().now() - serving_since > limits::restart_backoff_max)
    service_backoff = limits::restart_backoff_first;
  retry_service();
}

void deployment_actor_state::retry_service() {
  if (restoring == active->id)
    return;
  restoring = active->id;
  self->delayed_send(self, service_backoff, restore_service{active->id});
  service_backoff = std::min<duration>(service_backoff * 2, limits::restart_backoff_max);
}

// Starts what does not run of the active deployment, waits until it is healthy, and routes to all
// of it.
void deployment_actor_state::restore(const restore_service& what) {
  if (!active || active->id != what.deployment)
    return;
  const auto& health = active->internals.settings->health;
  restorer = parts.make_activation_worker(deployment_actor{self});
  auto report = [this, id = active->id](std::optional<std::vector<instance>> healthy) {
    decide([this, id, healthy = std::move(healthy)] { end_restore(id, healthy); });
  };
  self->request(restorer, health.deadline + limits::activation_grace,
                activation_order{specs(*active), health})
      .then(
          [report](result<std::vector<instance>>& answer) {
            report(answer ? std::optional{std::move(*answer)} : std::nullopt);
          },
          [report](const caf::error&) { report(std::nullopt); });
}

void deployment_actor_state::end_restore(const std::string& id,
                                         std::optional<std::vector<instance>> healthy) {
  if (!active || active->id != id) {
    // Replaced meanwhile, and perhaps drained before the worker had started its last instance.
    if (auto replaced = parts.records->find(id); replaced && !draining.contains(id))
      clean_up(*replaced);
    return;
  }
  stop_restorer();
  if (!healthy || switching)
    return retry_service();
  serve(*healthy);
  restore_route();
}

void deployment_actor_state::stop_restorer() {
  restoring.reset();
  if (auto worker = std::exchange(restorer, activation_worker_actor{}))
    self->send_exit(worker, caf::exit_reason::user_shutdown);
}

void deployment_actor_state::restore_route() {
  route back{lane, active->id, {}};
  for (const auto& one : serving)
    if (one.state == "running")
      back.addresses.push_back(one.address);
  self->request(parts.routes, limits::switch_timeout, switch_route{std::move(back)})
      .then([](const result<done>&) {}, [](const caf::error&) {});
}

void deployment_actor_state::discard_leftovers(const std::string& id) {
  auto cleaner = hand();
  auto finished = [this, cleaner] { self->send_exit(cleaner, caf::exit_reason::user_shutdown); };
  self->request(cleaner, limits::stop_timeout_max, discard_work{id})
      .then([finished](const done&) { finished(); }, [finished](const caf::error&) { finished(); });
}

} // namespace pawl
