// What no longer serves, or never did, and is taken away: instances, uploads, builds.
#include "actors/deployment_actor.hpp"

namespace pawl {

// Linked: whatever ends the lane ends its hands.
engine_hand_actor deployment_actor_state::hand() {
  auto made = parts.make_hand();
  self->link_to(made);
  ++errands;
  return made;
}

void deployment_actor_state::dismiss(const engine_hand_actor& one) {
  self->send_exit(one, caf::exit_reason::user_shutdown);
  --errands;
  wait_for_idleness();
}

// Stops them one after another, and goes on when all have ended, or could not be stopped.
void deployment_actor_state::stop_instances(const std::vector<std::string>& names, duration grace,
                                            std::function<void()> then) {
  if (names.empty())
    return then();
  auto stopper = hand();
  auto left = std::make_shared<std::size_t>(names.size());
  auto stopped = [this, stopper, left, then = std::move(then)] {
    if (--*left > 0)
      return;
    dismiss(stopper);
    then();
  };
  auto patience = (grace + limits::request_timeout) * static_cast<int>(names.size());
  for (const auto& one : names)
    self->request(stopper, patience, stop_instance{one, grace})
        .then([stopped](const result<done>&) { stopped(); },
              [stopped](const caf::error&) { stopped(); });
}

// What runs of deployments that neither serve nor are in flight: what was replaced gets the drain
// that a restart has cut off; anything else was never routed to.
void deployment_actor_state::stop_strays(const std::vector<instance>& running) {
  for (const auto& one : running) {
    if ((active && one.deployment == active->id) || (in_flight && one.deployment == in_flight->id))
      continue;
    auto owner = parts.records->find(one.deployment);
    if (owner && was_active(owner->state))
      drain_later(*owner);
    else
      stop_instances({one.name}, limits::stop_timeout, [] {});
  }
}

void deployment_actor_state::drain_later(const deployment& replaced) {
  if (draining.emplace(replaced.id, replaced).second)
    self->delayed_send(self, parts.cluster.drain, drain_passed{replaced.id});
}

// The app gets its SIGTERM first and ends its connections itself; what is left of them the router
// cuts after that.
void deployment_actor_state::stop_drained(const drain_passed& what) {
  auto entry = draining.find(what.deployment);
  if (entry == draining.end())
    return;
  auto replaced = std::move(entry->second);
  draining.erase(entry);
  stop_instances(instance_names(replaced), replaced.internals.settings->run.stop_timeout,
                 [this, id = replaced.id] {
                   self->request(parts.routes, limits::switch_timeout, forget_route{lane, id})
                       .then([](const result<done>&) {}, [](const caf::error&) {});
                 });
}

// A worker has ended after its deployment had left the state that it worked for: a cancel may wait
// for that; or the deployment was ended by its deadline, and the worker has made more to clean up.
void deployment_actor_state::clean_up_late(const deployment& tried) {
  if (!in_flight || in_flight->id != tried.id)
    clean_up(tried);
  else if (in_flight->state == state::cancelling && std::exchange(working, false))
    stop_new_instances();
}

// What only a deployment that has ended without success leaves behind.
void deployment_actor_state::clean_up(const deployment& ended) {
  end_upload(ended.id);
  // One after the other: an engine is not called for one deployment twice at once.
  stop_instances(instance_names(ended), limits::cancel_polite,
                 [this, id = ended.id] { discard_leftovers(id); });
}

void deployment_actor_state::discard_leftovers(const std::string& id) {
  auto cleaner = hand();
  auto finished = [this, cleaner] { dismiss(cleaner); };
  self->request(cleaner, limits::stop_timeout_max, discard_work{id})
      .then([finished](const done&) { finished(); }, [finished](const caf::error&) { finished(); });
}

std::vector<std::string> deployment_actor_state::instance_names(const deployment& d) const {
  std::vector<std::string> names;
  for (const auto& spec : specs(d))
    names.push_back(spec.name);
  return names;
}

} // namespace pawl
