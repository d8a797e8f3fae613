// The beginning of a lane: it goes on with what the store has of it, when the server has started,
// or when the lane alone had ended; or it comes to its end, if its cluster is not served any more.
// It counts how often the server did not survive the resumption
// of a deployment in flight (lifecycle/resumption.hpp).
#pragma once

#include "actors/lane/cancellation.hpp"

namespace pawl {

class resuming {
public:
  resuming(const lane_context& lane, switch_ledger& switches, deadlines& when, drain& taken_away,
           replaced_instances& replaced, service& serving, replacing& one_at_a_time, steps& path,
           cancellation& ends)
      : lane_(lane), switches_(switches), deadlines_(when), drain_(taken_away), replaced_(replaced),
        service_(serving), replacing_(one_at_a_time), steps_(path), cancellation_(ends) {}

  // The engine and the router answer: decisions are made from now on.
  void resume(const resume_lane& how);

  // The turn of a deployment that was resumed with resumption::in_turn has come. Answers when it
  // has moved, or when the server has survived its resumption.
  void take_turn(const pawl::take_turn& what, const reply<done>& answer);
  void survive(const resumption_survived& what);

  // The deployment in flight may have moved.
  void end_trial_if_moved();

private:
  void take_up(resumption how);
  void count(std::uint32_t resumes, commit_queue::on_stored then);
  void give_up();
  void forget_destroyed();
  void end_unserved(const resume_lane& how);
  bool is_wanted(const std::string& instance) const; // one of the active deployment
  void stop_strays(const std::vector<instance>& running);

  // Resumed, and the server not known to survive it.
  struct trial {
    state_visit of;
    reply<done> survived;
  };

  const lane_context& lane_;
  switch_ledger& switches_;
  deadlines& deadlines_;
  drain& drain_;
  replaced_instances& replaced_;
  service& service_;
  replacing& replacing_;
  steps& steps_;
  cancellation& cancellation_;
  std::optional<trial> trial_;
};

} // namespace pawl
