// From healthy instances to the traffic's switch, and its commit.
#include "actors/lane/deployment_actor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pawl {

void deployment_actor_state::activate() {
  stop = {};
  begin_activation();
}

// Not while the router may send requests to one that was tried before: its answer comes back here,
// or the deadline passes.
void deployment_actor_state::begin_activation() {
  if (!in_flight || in_flight->state != state::activating || working || held ||
      !switches.may_begin_activation())
    return;
  activator = parts.make_activation_worker(deployment_actor{self});
  const auto& health = in_flight->internals.settings->health;
  working = true;
  auto report = [this, at = here(), tried = *in_flight](result<std::vector<instance>> answer) {
    decide([this, at, tried, answer = std::move(answer)]() mutable {
      if (!still(at))
        return clean_up_late(tried);
      working = false;
      activator = activation_worker_actor{};
      if (answer)
        switch_traffic(std::move(*answer));
      else
        fail_with_logs(std::move(answer).error());
    });
  };
  self->request(activator, health.deadline + limits::activation_grace,
                activation_order{specs(*in_flight), health})
      .then([report](result<std::vector<instance>>& answer) { report(std::move(answer)); },
            [this, at = here(), tried = *in_flight](const caf::error& why) {
              lose_worker(at, tried, why);
            });
}

route deployment_actor_state::route_to(const std::string& deployment_id,
                                       const std::vector<instance>& instances) const {
  route to{lane, deployment_id, {}};
  for (const auto& one : instances)
    if (one.state == instance_state::running)
      to.addresses.push_back(one.address);
  return to;
}

// From here on it is too late for a cancel.
void deployment_actor_state::switch_traffic(std::vector<instance> healthy) {
  switches.record(in_flight->id, routing_event::switch_asked);
  note({in_flight->id, progress_event{"switch", 0, 1, "route"}});
  auto confirmed = [this, at = here(), healthy](error* why) {
    decide([this, at, healthy, failed = why ? std::optional{*why} : std::nullopt] {
      if (!still(at))
        return;
      if (!failed)
        return commit_active(healthy);
      fail_with(*failed);
    });
  };
  self->request(parts.routes, limits::switch_timeout,
                switch_route{route_to(in_flight->id, healthy), stop.get_token()})
      .then(
          [confirmed](result<done>& answer) {
            auto why = answer ? std::optional<error>{} : answer.error();
            confirmed(why ? &*why : nullptr);
          },
          [this, confirmed](const caf::error& why) {
            // The ROUTE KEEPER has died: the lane begins again from the store, and switches again.
            if (why != caf::sec::request_timeout)
              return end();
            error late{errc::unavailable, "the router did not confirm the switch in time", {}};
            confirmed(&late);
          });
}

void deployment_actor_state::commit_active(std::vector<instance> healthy) {
  auto now = parts.now();
  auto done_with = active;
  auto winner = advance(*in_flight, state::active, now, "pawl");
  if (!winner)
    return end();
  change wanted;
  winner->replaces = record.active;
  winner->urls = parts.urls(lane, healthy);
  wanted.journal.push_back({winner->id,
                            {{0, now, progress_event{"switch", 1, 1, "route"}},
                             {0, now, state_event{state::active, {}}}}});
  wanted.deployments.push_back(std::move(*winner));
  auto fate = in_flight->operation == operation::rollback ? state::rolled_back : state::retired;
  if (done_with) {
    auto replaced = advance(*done_with, fate, now, in_flight->by);
    if (!replaced)
      return end();
    wanted.deployments.push_back(std::move(*replaced));
  }
  wanted.lane = record;
  wanted.lane->active = in_flight->id;
  commit(std::move(wanted), [this, healthy](receipt& stored) {
    record = *stored.lane;
    active = stored.deployments.front();
    switches.record(active->id, routing_event::went_live);
    in_flight.reset();
    if (stored.deployments.size() > 1)
      drain_later(stored.deployments.back());
    serve(healthy);
    discard_leftovers(active->id);
  });
}

// The last lines of the instance that did not become healthy, in the journal and in the failure's
// details.
void deployment_actor_state::fail_with_logs(error why) {
  auto all = instance_names(*in_flight);
  if (all.empty())
    return fail_with(std::move(why));
  auto named = why.details.find("instance");
  auto reader = hand();
  auto finish = [this, reader, at = here(), why](const std::vector<std::string>& lines) {
    dismiss(reader);
    decide([this, at, why, lines]() mutable {
      if (!still(at))
        return;
      for (const auto& line : lines)
        note({at.deployment, log_event{"run", "stdout", line}});
      if (!lines.empty())
        why.details["log"] = fmt::format("{}", fmt::join(lines, "\n"));
      fail_with(std::move(why));
    });
  };
  self->request(reader, limits::request_timeout,
                tail_instance{named == why.details.end() ? all.front() : named->second,
                              limits::failure_log_lines})
      .then([finish](const std::vector<std::string>& lines) { finish(lines); },
            [finish](const caf::error&) { finish({}); });
}

} // namespace pawl
