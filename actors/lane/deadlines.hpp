// The moments by which something has to have happened in a lane: the deployment in flight has left
// its state, one that waits has had its turn, an upload has gone on. However many there are, only
// the first has a message in the clock, which forgets none before it is due.
#pragma once

#include "actors/lane/lane_facts.hpp"

#include <chrono>
#include <functional>
#include <vector>

namespace pawl {

class deadlines {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using clock = std::function<time_point()>;
  using waker = std::function<void(time_point::duration)>;

  enum class purpose : std::uint8_t { leave_state, upload_check };

  struct entry {
    purpose what = purpose::leave_state;
    state_visit of; // void when the deployment has gone on
    time_point due;
  };

  // `wake` is asked to call pass() after a time; it may be asked again before that.
  deadlines(const lane_facts& facts, clock now, waker wake)
      : facts_(facts), now_(std::move(now)), wake_(std::move(wake)) {}

  void wait_for(purpose what, state_visit of, duration wait);

  // Whether such an entry is there already.
  bool waits_for(purpose what, const state_visit& of) const;

  // By when the deployment has to leave its state, if it has to; `now` is the wall clock's.
  void arm(const deployment& d, timestamp now);

  // Calls `passed` for each entry that is due and not void, and has itself woken for the next. In
  // `passed`, more may be waited for.
  void pass(const std::function<void(const entry&)>& passed);

private:
  void forget_void_ones();
  void wake_for(const entry& one);

  const lane_facts& facts_;
  clock now_;
  waker wake_;
  std::vector<entry> entries_;
  std::optional<time_point> next_; // for which it will be woken
};

} // namespace pawl
