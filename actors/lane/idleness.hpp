// Notices that a lane has had nothing to do for long enough. One timer, set again for what is left:
// a busy lane would gather one for each decision.
#pragma once

#include "lifecycle/limits.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace pawl {

class idleness {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit idleness(duration long_enough) : long_enough_(long_enough) {}

  // The lane has nothing to do now. Gives the time after which to call passed(), if no earlier call
  // is due.
  std::optional<time_point::duration> begin(time_point now) {
    since_ = now;
    if (std::exchange(timer_runs_, true))
      return std::nullopt;
    return long_enough_;
  }

  // The timer has passed, and the lane has something to do.
  void end() { timer_runs_ = false; }

  // The timer has passed, and the lane has nothing to do. Gives the time after which to call again,
  // or nothing if it was idle for long enough.
  std::optional<time_point::duration> passed(time_point now) {
    timer_runs_ = false;
    const auto left = since_ + long_enough_ - now;
    if (left <= left.zero())
      return std::nullopt;
    timer_runs_ = true;
    return left;
  }

private:
  duration long_enough_;
  time_point since_ = {}; // without decisions
  bool timer_runs_ = false;
};

} // namespace pawl
