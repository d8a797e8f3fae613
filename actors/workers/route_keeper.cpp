#include "actors/workers/route_keeper.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace pawl {

namespace {

result<done> as_done(result<void> outcome) {
  if (!outcome)
    return std::move(outcome).error();
  return done{};
}

// Answers also when the call throws, and the ROUTE KEEPER dies of it: the actor that asked would
// otherwise wait for its timeout.
template <class Self, class Call>
caf::result<result<done>> answer(Self self, Call call) {
  auto promise = self->template make_response_promise<result<done>>();
  try {
    promise.deliver(call());
  } catch (...) {
    promise.deliver(caf::make_error(caf::sec::runtime_error));
    throw;
  }
  return promise;
}

} // namespace

result<void> route_keeper_state::restore_wanted() {
  std::vector<route> all;
  for (const auto& [lane, to] : routes->wanted)
    all.push_back(to);
  auto restored = router->restore(all);
  uncertain = !restored;
  return restored;
}

result<done> route_keeper_state::restore(const restore_routes& all) {
  routes->wanted.clear();
  for (const auto& one : all.routes)
    routes->wanted[one.lane] = one;
  routes->known = true;
  return as_done(restore_wanted());
}

result<done> route_keeper_state::switch_to(const switch_route& change) {
  // It has waited behind a router that did not answer, and its lane does not wait for it any more.
  if (change.stop.stop_requested())
    return error{errc::cancelled, "the switch was given up before it began", {}};
  if (auto has_names = check_names(change.to.lane); !has_names)
    return std::move(has_names).error();
  // Without addresses it only takes away, which is wanted whether or not it is confirmed.
  if (change.to.addresses.empty())
    routes->wanted[change.to.lane] = change.to;
  auto switched = router->switch_to(change.to);
  // It died, before or while it was asked. The change is tried again on the router that it is now.
  if (!switched && !router->is_running() && restore_wanted() && !change.stop.stop_requested())
    switched = router->switch_to(change.to);
  // Only what the router has confirmed is wanted of it after its next death.
  if (switched)
    routes->wanted[change.to.lane] = change.to;
  else { // its answer may have been lost after the change
    uncertain = true;
    self->send(self, router_down{});
  }
  return as_done(std::move(switched));
}

// The router alone cannot tell: an owner whose instances have all ended has nothing there.
result<void> route_keeper_state::check_names(const lane_key& lane) const {
  for (auto& host : router->hosts(lane)) {
    auto holder = records->holder_of(host);
    if (!holder)
      return std::move(holder).error();
    if (*holder && **holder != lane)
      return host_is_taken({std::move(host), **holder}, lane);
  }
  return {};
}

result<done> route_keeper_state::forget(const forget_route& gone) {
  // A lane that has come back may give up the switch of its predecessor.
  auto known = routes->wanted.find(gone.lane);
  if (known != routes->wanted.end() && known->second.deployment == gone.deployment) {
    routes->wanted.erase(known);
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
route_keeper(blocking_pointer<route_keeper_actor, route_keeper_state> self,
             std::shared_ptr<pawl::router> router, std::shared_ptr<const store> records,
             std::shared_ptr<confirmed_routes> routes) {
  self->state.self = self;
  self->state.router = router;
  self->state.records = std::move(records);
  self->state.routes = std::move(routes);
  router->watch([keeper = caf::actor_cast<caf::weak_actor_ptr>(self->ctrl())] {
    if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(keeper))
      caf::anon_send(caf::actor_cast<route_keeper_actor>(alive), router_down{});
  });
  // The predecessor may have died in the middle of a switch.
  if (self->state.routes->known) {
    self->state.uncertain = true;
    self->send(self, router_down{});
  }
  return {
      [self](const restore_routes& all) {
        return answer(self, [&] { return self->state.restore(all); });
      },
      [self](const switch_route& change) {
        return answer(self, [&] { return self->state.switch_to(change); });
      },
      [self, router](const let_clients_go& what) {
        return answer(self,
                      [&] { return as_done(router->let_clients_go(what.lane, what.deployment)); });
      },
      [self](const forget_route& gone) {
        return answer(self, [&] { return self->state.forget(gone); });
      },
      [self](const router_down&) { self->state.revive(); },
      [self](const retry_restore&) {
        self->state.retry_is_due = false;
        self->state.revive();
      },
      [](const await_switches&) -> result<done> { return done{}; },
  };
}

} // namespace pawl
