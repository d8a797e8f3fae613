#include "actors/lane/lane_facts.hpp"

#include <algorithm>

namespace pawl {

bool lane_facts::load(const store& records, const lane_key& lane) {
  auto known = records.lane(lane);
  auto open = records.unfinished(lane);
  if (!known || !open)
    return false;
  record_ = std::move(*known);
  if (record_.active) {
    auto serving_now = records.find(*record_.active);
    if (!serving_now)
      return false;
    active_ = std::move(*serving_now);
  }
  for (auto& one : *open) {
    if (is_in_flight(one.state))
      in_flight_ = std::move(one);
    else
      queue_.push_back(std::move(one));
  }
  return true;
}

const deployment* lane_facts::queued(const std::string& id) const {
  auto found = std::find_if(queue_.begin(), queue_.end(),
                            [&](const deployment& one) { return one.id == id; });
  return found == queue_.end() ? nullptr : &*found;
}

bool lane_facts::still(const state_visit& visit) const {
  return in_flight_ && in_flight_->id == visit.deployment &&
         in_flight_->transitions.size() == visit.transitions;
}

bool lane_facts::is_current(const state_visit& visit) const {
  const auto* waits = queued(visit.deployment);
  return still(visit) || (waits != nullptr && waits->transitions.size() == visit.transitions);
}

void lane_facts::apply(const receipt& stored) {
  if (stored.lane)
    record_ = *stored.lane;
  for (const auto& one : stored.deployments)
    apply(one);
  if (active_ && record_.active != active_->id)
    active_.reset();
}

void lane_facts::apply(const deployment& stored) {
  auto waits = std::find_if(queue_.begin(), queue_.end(),
                            [&](const deployment& one) { return one.id == stored.id; });
  if (stored.state == state::queued) {
    if (waits == queue_.end())
      queue_.push_back(stored);
    else
      *waits = stored;
    return;
  }
  if (waits != queue_.end())
    queue_.erase(waits);
  if (is_in_flight(stored.state)) {
    in_flight_ = stored;
    return;
  }
  if (in_flight_ && in_flight_->id == stored.id)
    in_flight_.reset();
  if (stored.state == state::active)
    active_ = stored;
}

} // namespace pawl
