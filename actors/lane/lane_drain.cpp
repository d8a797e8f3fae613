// What no longer serves, or never did, and is taken away: instances, uploads, builds.
#include "actors/lane/deployment_actor.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <set>

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

// Stops them one after another, and goes on when all have ended, or could not be stopped: those are
// tried again later.
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
  for (const auto& one : names) {
    auto again = [this, one, grace] { stop_instances({one}, grace, [] {}); };
    self->request(stopper, patience, stop_instance{one, grace})
        .then(
            [this, stopped, again](const result<done>& ended) {
              if (!ended)
                try_later(again);
              stopped();
            },
            [this, stopped, again](const caf::error&) {
              try_later(again);
              stopped();
            });
  }
}

// What has to succeed before the lane may rest.
void deployment_actor_state::try_later(std::function<void()> what) {
  ++errands;
  self->delayed_send(self, limits::retry_pause, try_again{[this, what = std::move(what)] {
                       --errands;
                       what();
                     }});
}

// Of what does not serve. A switch to it may have happened all the same, and its answer been lost:
// it leaves the router first.
void deployment_actor_state::take_away(const deployment& d, std::function<void()> then) {
  auto stop_all = [this, names = instance_names(d), then] {
    stop_instances(names, limits::cancel_polite, then);
  };
  if (!switches.must_leave_first(d.id, d.state))
    return stop_all();
  leave_router(d.id, stop_all);
}

// Until the router has said that it sends a deployment nothing, no other is begun: each would keep
// its instances too.
void deployment_actor_state::leave_router(const std::string& id, std::function<void()> then) {
  switches.record(id, routing_event::leave_asked);
  ask_to_leave(id, std::move(then));
}

void deployment_actor_state::ask_to_leave(const std::string& id, std::function<void()> then) {
  auto gone = [this, id, then] {
    --errands;
    switches.record(id, routing_event::left);
    if (switches.all_have_left())
      decide([this] { begin_activation(); });
    then();
  };
  auto refused = [this, id, then] {
    --errands;
    switches.record(id, routing_event::refused);
    try_later([this, id, then] { ask_to_leave(id, then); });
  };
  ++errands;
  self->request(parts.routes, limits::switch_timeout, forget_route{lane, id})
      .then([gone, refused](const result<done>& answer) { answer ? gone() : refused(); },
            [refused](const caf::error&) { refused(); });
}

// Why nothing new can be begun.
std::optional<error> deployment_actor_state::undecided_switch() const {
  auto asked = switches.undecided();
  if (!asked)
    return std::nullopt;
  return error{errc::unavailable,
               fmt::format("the router does not say whether it sends requests of {} in {} to "
                           "deployment {}, whose switch failed. It is asked again every {} s, and "
                           "what served goes on serving: look at the router, then try again",
                           lane.app, lane.cluster, *asked,
                           std::chrono::ceil<std::chrono::seconds>(limits::retry_pause).count()),
               {{"deployment", *asked}}};
}

// What runs of deployments that neither serve nor are in flight: what was replaced gets the drain
// that a restart has cut off.
void deployment_actor_state::stop_strays(const std::vector<instance>& running) {
  std::set<std::string> ended;
  for (const auto& one : running) {
    if ((active && one.deployment == active->id) || (in_flight && one.deployment == in_flight->id))
      continue;
    auto owner = parts.records->find(one.deployment);
    if (owner && was_active(owner->state))
      drain_later(*owner);
    else if (!owner || !owner->internals.settings)
      stop_instances({one.name}, limits::stop_timeout, [] {});
    else if (ended.insert(owner->id).second) {
      switches.record(owner->id, routing_event::found);
      clean_up(*owner);
    }
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
  discard_upload(ended.id, [this, ended] {
    take_away(ended, [this, id = ended.id] { discard_leftovers(id); });
  });
}

void deployment_actor_state::discard_leftovers(const std::string& id) {
  auto cleaner = hand();
  self->request(cleaner, limits::stop_timeout_max, discard_work{id})
      .then([this, cleaner](const done&) { dismiss(cleaner); },
            [this, cleaner, id](const caf::error&) {
              try_later([this, id] { discard_leftovers(id); });
              dismiss(cleaner);
            });
}

std::vector<std::string> deployment_actor_state::instance_names(const deployment& d) const {
  std::vector<std::string> names;
  for (const auto& spec : specs(d))
    names.push_back(spec.name);
  return names;
}

} // namespace pawl
