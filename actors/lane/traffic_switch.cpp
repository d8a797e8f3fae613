#include "actors/lane/traffic_switch.hpp"

#include "actors/lane/instance_specs.hpp"

namespace pawl {

namespace {

route route_to(const deployment& d, const std::vector<instance>& instances) {
  return {lane_of(d), d.id, addresses_of_web(instances), d.internals.settings->run.sticky};
}

} // namespace

void traffic_switch::begin(std::vector<instance> healthy, std::stop_token stop) {
  const auto& id = lane_.facts.in_flight()->id;
  switches_.record(id, routing_event::switch_asked);
  lane_.commits.note(id, progress_event{"switch", 0, 1, "route"});
  auto answered = [this, at = lane_.facts.visit(), healthy](std::optional<error> failed) {
    lane_.commits.enqueue([this, at, healthy, failed = std::move(failed)] {
      if (lane_.facts.still(at))
        end(healthy, failed);
    });
  };
  lane_.self
      ->request(lane_.with.routes, limits::switch_timeout,
                switch_route{route_to(*lane_.facts.in_flight(), healthy), std::move(stop)})
      .then(
          [answered](result<done>& answer) {
            answered(answer ? std::nullopt : std::optional{answer.error()});
          },
          [this, answered](const caf::error& why) {
            // The ROUTE KEEPER has died: the lane begins again from the store, and switches again.
            if (why != caf::sec::request_timeout)
              return lane_.commits.cannot_go_on();
            answered(error{errc::unavailable, "the router did not confirm the switch in time", {}});
          });
}

void traffic_switch::end(const std::vector<instance>& healthy, const std::optional<error>& failed) {
  if (failed)
    lane_.events.fail(*failed);
  else
    make_active(healthy);
}

// The deployment that served before leaves its state in the same commit.
result<change> traffic_switch::change_of_active(const std::vector<instance>& healthy) const {
  const auto now = lane_.with.now();
  const auto& in_flight = *lane_.facts.in_flight();
  const auto& record = lane_.facts.record();
  auto winner = advance(in_flight, state::active, now, "pawl");
  if (!winner)
    return std::move(winner).error();
  change wanted;
  winner->replaces = record.active;
  // Warm ones, which keep their names.
  if (!healthy.empty())
    if (auto owner = deployment_of_instance(healthy.front().name); owner != winner->id)
      winner->internals.took_over = owner;
  if (has_web(*winner->internals.settings)) // also if it has no instances now
    winner->urls = lane_.with.urls(lane_.lane, web_of(healthy));
  wanted.journal.push_back({winner->id,
                            {{0, now, progress_event{"switch", 1, 1, "route"}},
                             {0, now, state_event{state::active, {}}}}});
  wanted.deployments.push_back(std::move(*winner));
  auto fate = in_flight.operation == operation::rollback ? state::rolled_back : state::retired;
  if (const auto& served = lane_.facts.active()) {
    auto replaced = advance(*served, fate, now, in_flight.by);
    if (!replaced)
      return std::move(replaced).error();
    wanted.deployments.push_back(std::move(*replaced));
  }
  wanted.lane = record;
  wanted.lane->active = in_flight.id;
  wanted.lane->stopped_at.reset();
  return wanted;
}

void traffic_switch::make_active(const std::vector<instance>& healthy) {
  auto wanted = change_of_active(healthy);
  if (!wanted)
    return lane_.commits.cannot_go_on();
  lane_.commits.commit(std::move(*wanted), [this, healthy](receipt& stored) {
    const auto& id = stored.deployments.front().id;
    switches_.record(id, routing_event::went_live);
    lane_.events.went_live();
    replaced_.hand_over(stored.deployments.front());
    if (stored.deployments.size() > 1)
      replaced_.add(stored.deployments.back(), service_.all_run());
    service_.serve(healthy);
    drain_.discard_leftovers(id);
  });
}

void traffic_switch::give_up() {
  const auto& id = lane_.facts.in_flight()->id;
  const bool may_have_switched = switches_.routing_of(id) == routing::switching;
  switches_.record(id, routing_event::given_up);
  if (may_have_switched && lane_.facts.active())
    service_.restore_route();
}

} // namespace pawl
