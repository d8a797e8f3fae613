// The instances of the active deployment: kept up, and those of the one before drained.
#include "actors/deployment_actor.hpp"

#include <algorithm>

namespace pawl {

void deployment_actor_state::serve(const std::vector<instance>& instances) {
  serving.clear();
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
  if (ours.size() < specs(*active).size())
    self->send(self, restore_service{active->id});
}

void deployment_actor_state::drain_later(const deployment& replaced) {
  draining.emplace(replaced.id, replaced);
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
  auto hand = parts.make_hand();
  auto left = std::make_shared<std::size_t>(all.size());
  auto stopped = [this, hand, left, id = replaced.id] {
    if (--*left > 0)
      return;
    self->send_exit(hand, caf::exit_reason::user_shutdown);
    self->request(parts.routes, limits::switch_timeout, forget_route{lane, id})
        .then([](const result<done>&) {}, [](const caf::error&) {});
  };
  for (const auto& spec : all)
    self->request(hand, grace + limits::request_timeout, stop_instance{spec.name, grace})
        .then([stopped](const result<done>&) { stopped(); },
              [stopped](const caf::error&) { stopped(); });
}

void deployment_actor_state::lose_instance(const instance_exited& what) {
  auto lost = std::find_if(serving.begin(), serving.end(),
                           [&](const auto& one) { return one.name == what.what.name; });
  if (!active || active->id != what.what.deployment || lost == serving.end())
    return;
  lost->state = "exited";
  retry_service();
}

void deployment_actor_state::retry_service() {
  if (std::exchange(restoring, true))
    return;
  self->delayed_send(self, service_backoff, restore_service{active->id});
  service_backoff = std::min<duration>(service_backoff * 2, limits::restart_backoff_max);
}

// Starts what does not run of the active deployment, waits until it is healthy, and routes to all
// of it.
void deployment_actor_state::restore(const restore_service& what) {
  if (!active || active->id != what.deployment)
    return;
  restoring = true;
  const auto& health = active->internals.settings->health;
  auto worker = parts.make_activation_worker(deployment_actor{self});
  auto healthy_again = [this, id = active->id](std::optional<std::vector<instance>> healthy) {
    decide([this, id, healthy = std::move(healthy)] {
      restoring = false;
      if (!active || active->id != id)
        return;
      // While the traffic is being switched away, the route is not ours to change.
      if (!healthy || switching)
        return retry_service();
      service_backoff = limits::restart_backoff_first;
      serve(*healthy);
      self->request(parts.routes, limits::switch_timeout, switch_route{route_to(id, *healthy)})
          .then([](const result<done>&) {}, [](const caf::error&) {});
    });
  };
  self->request(worker, health.deadline + limits::activation_grace,
                activation_order{specs(*active), health})
      .then(
          [healthy_again](result<std::vector<instance>>& answer) {
            healthy_again(answer ? std::optional{std::move(*answer)} : std::nullopt);
          },
          [healthy_again](const caf::error&) { healthy_again(std::nullopt); });
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
  auto hand = parts.make_hand();
  self->request(hand, limits::stop_timeout_max, discard_work{id})
      .then([this, hand](const done&) { self->send_exit(hand, caf::exit_reason::user_shutdown); },
            [this, hand](const caf::error&) {
              self->send_exit(hand, caf::exit_reason::user_shutdown);
            });
}

} // namespace pawl
