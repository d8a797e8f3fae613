#include "test/simulation/effect_checker.hpp"

#include "lifecycle/processes.hpp"

#include <algorithm>

namespace pawl::test {

namespace {

bool was_in(const deployment& d, state which) {
  return std::any_of(d.transitions.begin(), d.transitions.end(),
                     [&](const auto& step) { return step.state == which; });
}

} // namespace

// The order was given in this state. When it arrives, the deployment may have left the state; after
// the deployment's end, its workers have been told to stop.
void effect_checker::check_order(const std::string& what, const std::string& deployment,
                                 state ordered_in, const std::stop_token& stop) {
  auto d = records_.find(deployment);
  if (!d)
    return machine_.violate("I1: " + what + " " + deployment + ", which is not stored");
  bool ended = is_settled(d->state) && !stop.stop_requested();
  if (ended || !was_in(*d, ordered_in))
    machine_.violate(fmt::format("I1: {} {}, which is {}", what, deployment, to_string(d->state)));
}

void effect_checker::builds(const std::string& deployment, const std::stop_token& stop) {
  check_order("builds", deployment, state::building, stop);
}

void effect_checker::pushes(const std::string& deployment, const std::stop_token& stop) {
  check_order("pushes", deployment, state::pushing, stop);
}

void effect_checker::releases(const std::string& deployment, const std::stop_token& stop) {
  check_order("runs the release command of", deployment, state::releasing, stop);
  if (!released_.insert(deployment).second)
    machine_.violate("the release command of " + deployment + " runs twice");
}

void effect_checker::discards(const std::string& deployment) {
  auto d = records_.find(deployment);
  if (d && !is_settled(d->state))
    machine_.violate(
        fmt::format("I1: discards the work of {}, which is {}", deployment, to_string(d->state)));
}

void effect_checker::starts(const instance_spec& spec) {
  auto d = records_.find(spec.deployment);
  bool activated = d && was_in(*d, state::activating);
  if (!activated)
    machine_.violate("I1: starts " + spec.name + ", whose deployment was never activating");
}

// Its own instances; or, warm ones of its version, those that it has taken over, or is about to.
bool effect_checker::may_have(const deployment& d, const std::string& owner) const {
  if (owner == owner_of_instances(d))
    return true;
  auto other = records_.find(owner);
  return d.state == state::activating && other && lane_of(*other) == lane_of(d) &&
         other->version == d.version && was_active(other->state) &&
         past_.replaced_at(owner).has_value();
}

// One that did not get healthy again may be stopped, and its deployment be replaced meanwhile.
void effect_checker::stops(const instance& what, duration asked) {
  if (auto replaced = past_.replaced_at(what.deployment);
      replaced && is_web(what.name) && asked >= *replaced && machine_.now() - *replaced < drain_)
    machine_.violate("I4: stops " + what.name + " before its drain has passed");
  if (routes_ == nullptr || what.state != instance_state::running)
    return;
  for (const auto& [key, to] : *routes_)
    if (std::find(to.addresses.begin(), to.addresses.end(), what.address) != to.addresses.end())
      machine_.violate("I4: stops " + what.name + ", to which the router still sends requests");
}

void effect_checker::routes_to(const route& to) {
  auto d = records_.find(to.deployment);
  auto lane = records_.lane(to.lane);
  if (!d || !lane)
    return machine_.violate("I1: routes to " + to.deployment + ", which is not stored");
  // The route of an instance that came back may be asked for just before.
  const bool was_destroyed = past_.was_destroyed(to.deployment);
  if (was_destroyed && to.addresses.empty())
    refused_.insert(to.deployment);
  else if (refused_.contains(to.deployment))
    machine_.violate("I4: routes again to " + to.deployment + ", whose app is destroyed");
  bool serves = lane->active == to.deployment || was_destroyed;
  if (!serves && d->state != state::activating)
    machine_.violate(
        fmt::format("I4: routes to {}, which is {}", to.deployment, to_string(d->state)));
  if (!serves &&
      to.addresses.size() != count_of(*d->internals.settings, d->internals.counts, web_process))
    machine_.violate(
        fmt::format("I4: routes to {} of the instances of {}", to.addresses.size(), to.deployment));
  for (const auto& address : to.addresses) {
    auto owner = addresses_.find(address);
    if (owner == addresses_.end() || !may_have(*d, owner->second))
      machine_.violate("I4: routes to " + address + ", which is not of " + to.deployment);
    if (!healthy_.contains(address))
      machine_.violate("I4: routes to " + address + ", which was never healthy");
  }
}

} // namespace pawl::test
