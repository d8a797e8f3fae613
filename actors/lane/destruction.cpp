#include "actors/lane/destruction.hpp"

#include "actors/lane/instance_specs.hpp"
#include "actors/lane/refusals.hpp"

namespace pawl {

void destruction::begin(const destroy_lane& what, const reply<protocol::destroyed>& answer) {
  const auto& facts = lane_.facts;
  if (facts.busy())
    return answer(still_deploying(facts.in_flight() ? *facts.in_flight() : facts.queue().front()));
  if (!waiters_.empty())
    return waiters_.push_back(answer);
  if (facts.record().revision == 0)
    return answer(never_deployed(lane_.lane));
  protocol::destroyed gone{lane_.lane.app, lane_.lane.cluster, {}, {}, {}};
  if (!facts.active() && facts.record().destroyed_at)
    return answer(std::move(gone));
  auto wanted = change_of_end(what);
  if (!wanted)
    return answer(std::move(wanted).error());
  gone.hosts = wanted->released_hosts;
  // No route to it that waits for its turn is made once it is destroyed.
  service_.drop_route_orders();
  lane_.commits.commit(
      std::move(*wanted),
      [this, gone, answer](receipt& stored) mutable {
        service_.end();
        replaced_.give_up_all();
        if (stored.deployments.empty())
          return answer(std::move(gone));
        const auto& served = stored.deployments.front();
        gone.deployment = served.id;
        gone.version = served.version;
        what_ = std::move(gone);
        waiters_.push_back(answer);
        stop_requests(served);
      },
      [this, answer](error why) {
        if (lane_.facts.active())
          service_.restore_route();
        answer(std::move(why));
      });
}

// One commit: after it nothing is active, and others may have the names.
result<change> destruction::change_of_end(const destroy_lane& what) const {
  change wanted;
  wanted.lane = lane_.facts.record();
  wanted.lane->active.reset();
  wanted.lane->destroyed_at = lane_.with.now();
  wanted.released_hosts = own_hosts();
  if (what.audit)
    wanted.audit.push_back(done_with(*what.audit, lane_.facts.record().active, lane_.with.now()));
  if (const auto& served = lane_.facts.active()) {
    auto ended = advance(*served, state::retired, lane_.with.now(), what.by);
    if (!ended)
      return std::move(ended).error();
    wanted.deployments.push_back(std::move(*ended));
  }
  return wanted;
}

// Without a name that is another lane's.
std::vector<std::string> destruction::own_hosts() const {
  std::vector<std::string> own;
  for (auto& host : lane_.with.hosts(lane_.lane))
    if (auto holder = lane_.with.records->holder_of(host);
        holder && *holder && **holder == lane_.lane)
      own.push_back(std::move(host));
  return own;
}

// New requests are refused; those that the app works on get its stop_timeout. If the router does
// not say that it refuses them, it is asked to forget the app before its instances end, and cuts
// them then.
void destruction::stop_requests(const deployment& gone) {
  auto answered = [this, gone](bool refuses) {
    errands_.end();
    if (refuses)
      stop_instances(gone);
    else
      drain_.take_away(gone, removal::follow_up::destruction);
  };
  errands_.begin();
  lane_.self
      ->request(lane_.with.routes, limits::switch_timeout,
                switch_route{{lane_.lane, gone.id, {}}, {}})
      .then([answered](const result<done>& said) { answered(said.has_value()); },
            [answered](const caf::error&) { answered(false); });
}

void destruction::stop_instances(const deployment& gone) {
  drain_.stop_instances_of(gone, instance_names_of(gone), [this, gone] {
    drain_.take_away(gone, removal::follow_up::destruction);
  });
}

void destruction::end() {
  for (auto& waiter : std::exchange(waiters_, {}))
    waiter(what_);
}

} // namespace pawl
