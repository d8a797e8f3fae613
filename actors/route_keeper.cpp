#include "actors/route_keeper.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace pawl {

namespace {

result<done> as_done(result<void> outcome) {
  if (!outcome)
    return std::move(outcome).error();
  return done{};
}

} // namespace

result<void> route_keeper_state::restore_wanted() {
  std::vector<route> routes;
  for (const auto& [lane, to] : wanted)
    routes.push_back(to);
  auto restored = router->restore(routes);
  uncertain = !restored;
  return restored;
}

result<done> route_keeper_state::restore(const restore_routes& all) {
  wanted.clear();
  for (const auto& one : all.routes)
    wanted[one.lane] = one;
  return as_done(restore_wanted());
}

result<done> route_keeper_state::switch_to(const switch_route& change) {
  // It has waited for a router that did not answer, and nobody waits for it any more.
  if (change.stop.stop_requested())
    return error{errc::cancelled, "the switch was given up before it began", {}};
  auto switched = router->switch_to(change.to);
  // Only what the router has confirmed is wanted of it after its next death.
  if (switched)
    wanted[change.to.lane] = change.to;
  else { // its answer may have been lost after the change
    uncertain = true;
    self->send(self, router_down{});
  }
  return as_done(std::move(switched));
}

result<done> route_keeper_state::forget(const forget_route& gone) {
  // A lane that was brought back may give up what its predecessor had switched to.
  auto known = wanted.find(gone.lane);
  if (known != wanted.end() && known->second.deployment == gone.deployment) {
    wanted.erase(known);
    uncertain = true;
  }
  if (uncertain)
    if (auto restored = restore_wanted(); !restored)
      return std::move(restored).error();
  return as_done(router->forget(gone.lane, gone.deployment));
}

void route_keeper_state::revive() {
  // A router that dies while it is started is reported too: one row of tries is enough.
  if (retry_is_due)
    return;
  if (restore_wanted()) {
    backoff = limits::restart_backoff_first;
    return;
  }
  retry_is_due = true;
  self->delayed_send(self, backoff, retry_restore{});
  backoff = std::min<duration>(backoff * 2, limits::restart_backoff_max);
}

route_keeper_actor::behavior_type
route_keeper(route_keeper_actor::stateful_pointer<route_keeper_state> self,
             std::shared_ptr<pawl::router> router) {
  self->state.self = self;
  self->state.router = router;
  router->watch([keeper = caf::actor_cast<caf::weak_actor_ptr>(self->ctrl())] {
    if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(keeper))
      caf::anon_send(caf::actor_cast<route_keeper_actor>(alive), router_down{});
  });
  return {
      [self](const restore_routes& all) { return self->state.restore(all); },
      [self](const switch_route& change) { return self->state.switch_to(change); },
      [self](const forget_route& gone) { return self->state.forget(gone); },
      [self](const router_down&) { self->state.revive(); },
      [self](const retry_restore&) {
        self->state.retry_is_due = false;
        self->state.revive();
      },
  };
}

} // namespace pawl
