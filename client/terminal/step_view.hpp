// The present step of a deployment, as the live display shows it: its name, its age, its progress,
// the last lines of its log, its instances. Pure: the caller passes the time.
#pragma once

#include "client/terminal/text.hpp"
#include "lifecycle/event.hpp"
#include "lifecycle/limits.hpp"

#include <deque>

namespace pawl::client {

class step_view {
public:
  using moment = std::chrono::steady_clock::time_point;

  // A step begins, or began `age` before `now`.
  void begin(state step, duration age, moment now);
  void progressed(const progress_event& how_far, moment now);
  void printed(const log_event& log);              // the last limits::failure_log_lines are kept
  void checked(const health_event& health);        // the last of each instance is kept
  void searching(bool lost) { searching_ = lost; } // for a server that was lost

  // The lines of the display: at most `rows`, made for so many columns; the first is the step's.
  // None before a step has begun. They may come out wider than the terminal all the same.
  std::vector<std::string> lines(moment now, std::size_t columns, std::size_t rows,
                                 const look& how) const;

  // The last lines of the step's log, printable.
  const std::deque<std::string>& log() const { return log_; }
  // A line for each instance that was checked.
  std::vector<std::string> health(const look& how) const;

private:
  std::string head(moment now, std::size_t columns, const look& how) const;
  std::string upload(moment now, std::size_t columns, const look& how) const;
  std::string doing() const;

  struct check {
    bool ok = false;
    std::string detail;
  };

  std::optional<state> state_ = {};
  moment since_ = {};
  std::optional<progress_event> progress_ = {};
  moment progress_since_ = {};       // of its first event
  std::uint64_t progress_first_ = 0; // what that one said
  std::deque<std::string> log_ = {};
  std::map<std::string, check> checks_ = {};
  bool searching_ = false;
};

} // namespace pawl::client
