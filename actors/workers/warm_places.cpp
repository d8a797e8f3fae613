#include "actors/workers/warm_places.hpp"

namespace pawl {

warm_places::place warm_places::take(const cluster_settings& cluster, warm_claim claim,
                                     std::function<void()> give_up) {
  callbacks to_call;
  place taken;
  {
    std::lock_guard lock{mutex_};
    const auto number = ++last_;
    give_up_.emplace(number, std::move(give_up));
    const auto too_old = ledgers_[cluster.name].add(number, std::move(claim), cluster.warm_memory);
    to_call = take_callbacks(too_old);
    taken = {this, [self = shared_from_this(), name = cluster.name, number](void*) {
               self->free(name, number);
             }};
  }
  for (const auto& tell : to_call)
    tell();
  return taken;
}

bool warm_places::clear(const std::string& cluster) {
  callbacks to_call;
  {
    std::lock_guard lock{mutex_};
    to_call = take_callbacks(ledgers_[cluster].clear());
  }
  for (const auto& tell : to_call)
    tell();
  return !to_call.empty();
}

std::vector<warm_claim> warm_places::of_lane(const lane_key& lane) const {
  std::lock_guard lock{mutex_};
  std::vector<warm_claim> found;
  if (auto ledger = ledgers_.find(lane.cluster); ledger != ledgers_.end())
    for (const auto& [number, claim] : ledger->second.claims())
      if (claim.lane == lane)
        found.push_back(claim);
  return found;
}

bool warm_places::has(const std::string& app, version_number version) const {
  std::lock_guard lock{mutex_};
  for (const auto& [cluster, ledger] : ledgers_)
    for (const auto& [number, claim] : ledger.claims())
      if (claim.lane.app == app && claim.version == version)
        return true;
  return false;
}

void warm_places::free(const std::string& cluster, std::uint64_t number) {
  std::lock_guard lock{mutex_};
  ledgers_[cluster].remove(number);
  give_up_.erase(number);
}

warm_places::callbacks warm_places::take_callbacks(const std::vector<std::uint64_t>& numbers) {
  callbacks found;
  for (auto number : numbers)
    found.push_back(std::move(give_up_.extract(number).mapped()));
  return found;
}

} // namespace pawl
