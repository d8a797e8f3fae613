// The facts that the store has of one lane: its record, the deployment in flight, those that wait
// for their turn, and the active one. Only the receipt of a commit changes them, so nothing is true
// here that is not on disk.
#pragma once

#include "actors/lane_timers.hpp"
#include "persistence/store.hpp"

#include <deque>
#include <optional>

namespace pawl {

class lane_facts {
public:
  // Nothing is known yet; load() comes next.
  lane_facts() = default;

  // Reads the lane from the store. False if the store does not answer: the lane cannot go on.
  bool load(const store& records, const lane_key& lane);

  const lane_record& record() const { return record_; }
  const std::optional<deployment>& in_flight() const { return in_flight_; }
  const std::deque<deployment>& queue() const { return queue_; } // oldest first
  const std::optional<deployment>& active() const { return active_; }

  // Something is in flight, or waits.
  bool busy() const { return in_flight_ || !queue_.empty(); }

  // The waiting deployment of that id; nullptr if none has it.
  const deployment* queued(const std::string& id) const;

  // The visit that the deployment in flight, which there has to be, is in.
  state_visit visit() const { return {in_flight_->id, in_flight_->transitions.size()}; }

  // The deployment in flight is still in that visit.
  bool still(const state_visit& visit) const;

  // The same of the deployment in flight or one that waits.
  bool is_current(const state_visit& visit) const;

  // Takes over what the store has of a change: deployments in the states that they were moved to,
  // and the lane's record if the change had it.
  void apply(const receipt& stored);

private:
  void apply(const deployment& stored);

  lane_record record_;
  std::optional<deployment> in_flight_;
  std::deque<deployment> queue_;
  std::optional<deployment> active_;
};

} // namespace pawl
