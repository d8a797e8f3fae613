#include "actors/lane/replaced_instances.hpp"

#include "actors/lane/instance_specs.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace pawl {

void replaced_instances::add(const deployment& replaced, bool all_run) {
  auto [entry, is_new] = kept_.try_emplace(replaced.id);
  if (!is_new)
    return;
  entry->second.of = replaced;
  if (all_run && lane_.facts.active())
    entry->second.place = place_for(replaced);
  // Processes without requests have nothing to drain, and would do the new ones' work too.
  drain_.stop_instances_of(replaced, background_names(replaced), [] {});
  drain_.drain_later(replaced);
}

// The ledger may be asked by any lane: it answers by a message. Processes that are not routed are
// never kept warm, because they would work; so an app that has some is started as a whole.
warm_places::place replaced_instances::place_for(const deployment& replaced) {
  const auto& cluster = lane_.with.cluster;
  if (warm_left(replaced, cluster.drain, cluster.warm, lane_.with.now()) <= duration::zero() ||
      !background_names(replaced).empty())
    return {};
  auto give_up = [lane = caf::actor_cast<caf::weak_actor_ptr>(lane_.self->ctrl()),
                  id = replaced.id] {
    if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(lane))
      caf::anon_send(caf::actor_cast<lane_timers_actor>(alive), give_up_warm{id});
  };
  warm_claim claim{lane_.lane, *replaced.version,
                   memory_of(replaced.internals.settings->run, cluster) *
                       instance_names_of(replaced).size(),
                   warm_until(replaced, cluster.drain, cluster.warm)};
  return lane_.with.warm->take(cluster, std::move(claim), std::move(give_up));
}

// Its instances may have been taken over since by a deployment that was replaced too: what counts
// is the last that had them. Without an active deployment none of them is wanted.
const deployment* replaced_instances::holder_of(const std::string& owner) {
  auto older = lane_.facts.active() ? lane_.facts.active()->replaces : std::nullopt;
  for (std::size_t i = 0; older && i < limits::rollback_search; ++i) {
    auto record = lane_.with.records->find(*older);
    if (!record)
      break;
    if (owner_of_instances(*record) == owner)
      return &found_.emplace(std::move(*record));
    older = record->replaces;
  }
  auto record = lane_.with.records->find(owner);
  if (!record || !was_active(record->state) || owner_of_instances(*record) != owner)
    return nullptr;
  return &found_.emplace(std::move(*record));
}

bool replaced_instances::adopt(const instance& one, const std::vector<instance>& running) {
  const auto known = std::find_if(kept_.begin(), kept_.end(), [&](const auto& each) {
    return owner_of_instances(each.second.of) == one.deployment;
  });
  const auto* holder = known == kept_.end() ? holder_of(one.deployment) : &known->second.of;
  if (holder == nullptr)
    return false;
  const auto names = instance_names_of(*holder);
  // Its process had fewer instances already when the deployment was replaced.
  if (std::find(names.begin(), names.end(), one.name) == names.end()) {
    drain_.try_later(surplus_drained{holder->id, one.name, stop_timeout_of(*holder, one.name)},
                     lane_.with.cluster.drain);
    return true;
  }
  if (known != kept_.end())
    return true;
  const bool all_run = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(running.begin(), running.end(), [&](const instance& seen) {
      return seen.name == name && seen.state == instance_state::running;
    });
  });
  add(*holder, all_run);
  if (all_run)
    for (const auto& name : names)
      lane_.with.watches->begin(*lane_.with.engine, name, lane_.with.supervisor);
  return true;
}

// The router ends the connections that are left, as if the instances had ended.
void replaced_instances::drained(const deployment& replaced) {
  auto entry = kept_.find(replaced.id);
  if (entry == kept_.end()) // another has taken its instances over
    return drain_.forget_route(replaced.id);
  auto& one = entry->second;
  one.drained = true;
  const auto& cluster = lane_.with.cluster;
  const auto left = warm_left(one.of, cluster.drain, cluster.warm, lane_.with.now());
  if (!one.place || left <= duration::zero())
    return end(replaced.id);
  drain_.forget_route(replaced.id);
  lane_.self->delayed_send(lane_.self, left, warm_passed{replaced.id});
}

void replaced_instances::pass(const warm_passed& what) {
  auto entry = kept_.find(what.deployment);
  if (entry != kept_.end() && entry->second.drained)
    end(what.deployment);
}

void replaced_instances::give_up(const give_up_warm& what) {
  auto entry = kept_.find(what.deployment);
  if (entry != kept_.end())
    drop(entry->second);
}

void replaced_instances::give_up_all() {
  std::vector<std::string> all;
  for (const auto& [id, one] : kept_)
    all.push_back(id);
  for (const auto& id : all)
    give_up({id});
}

void replaced_instances::lose_instance(const instance_exited& what) {
  const auto owner = deployment_of_instance(what.what.name);
  for (auto& [id, one] : kept_)
    if (owner_of_instances(one.of) == owner)
      return drop(one);
}

// They do not stay: those that drain end when they have.
void replaced_instances::drop(kept& one) {
  one.place.reset();
  if (one.drained)
    end(std::string{one.of.id});
}

// While the router may send requests to a deployment that has tried to take them over, they are its
// instances.
bool replaced_instances::may_end(const kept& one) const {
  const auto& in_flight = lane_.facts.in_flight();
  const bool is_claimed = in_flight && in_flight->id == one.claimed_by;
  return !is_claimed && one.checks == 0 && switches_.may_begin_activation();
}

void replaced_instances::end(const std::string& deployment) {
  auto entry = kept_.find(deployment);
  if (!may_end(entry->second)) {
    lane_.self->delayed_send(lane_.self, limits::retry_pause, warm_passed{deployment});
    return;
  }
  auto ended = std::move(entry->second.of);
  kept_.erase(entry);
  drain_.end_drained(ended);
}

const deployment* replaced_instances::find(version_number version,
                                           const std::optional<config_number>& config) const {
  for (const auto& [id, one] : kept_)
    if (one.place && one.of.version == version && one.of.config == config)
      return &one.of;
  return nullptr;
}

const deployment* replaced_instances::claim(const deployment& in_flight) {
  const auto* found =
      starts_its_own_ == in_flight.id ? nullptr : find(*in_flight.version, in_flight.config);
  if (found != nullptr)
    kept_.at(found->id).claimed_by = in_flight.id;
  else
    starts_its_own_ = in_flight.id;
  return found;
}

bool replaced_instances::reject(const std::string& claimed_by) {
  for (auto& [id, one] : kept_)
    if (!one.claimed_by.empty() && one.claimed_by == claimed_by) {
      one.claimed_by.clear();
      drop(one);
      return true;
    }
  return false;
}

const deployment* replaced_instances::begin_check(version_number version,
                                                  const std::optional<config_number>& config) {
  const auto* found = find(version, config);
  if (found != nullptr)
    ++kept_.at(found->id).checks;
  return found;
}

void replaced_instances::end_check(const std::string& deployment) {
  if (auto entry = kept_.find(deployment); entry != kept_.end())
    --entry->second.checks;
}

void replaced_instances::hand_over(const deployment& live) {
  std::erase_if(kept_, [&](const auto& entry) {
    return owner_of_instances(entry.second.of) == owner_of_instances(live);
  });
}

} // namespace pawl
