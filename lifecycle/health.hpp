// When an instance is checked, when it counts as healthy, and when a version that has just gone
// live counts as bad: pure counters, fed with the answers of probes and the reports of engines.
#pragma once

#include "lifecycle/manifest.hpp"

#include <algorithm>
#include <utility>

namespace pawl {

class health_policy {
public:
  explicit health_policy(std::uint32_t healthy_threshold) : threshold_(healthy_threshold) {}

  // One probe's answer. A failure starts the row again.
  constexpr void observe(bool ok) noexcept { in_a_row_ = ok ? in_a_row_ + 1 : 0; }

  constexpr bool healthy() const noexcept { return in_a_row_ >= threshold_; }

private:
  std::uint32_t threshold_;
  std::uint32_t in_a_row_ = 0;
};

// The pauses between the checks of an instance that starts: short at first, so that one that is
// ready at once gets traffic at once; each is double the one before, up to the interval. They begin
// anew after the first check that went well: it has started, and only has to prove it.
class check_pace {
public:
  explicit constexpr check_pace(duration interval)
      : interval_(interval), pause_(std::min<duration>(limits::first_health_pause, interval)) {}

  // The pause after a check that went so.
  constexpr duration next(bool ok) noexcept {
    if (ok && !std::exchange(went_well_, true))
      pause_ = std::min<duration>(limits::first_health_pause, interval_);
    return std::exchange(pause_, std::min(2 * pause_, interval_));
  }

private:
  duration interval_;
  duration pause_;
  bool went_well_ = false;
};

// One watch_period of one version. A single exit and a single failed check are no verdict: an
// instance that is killed once comes back, and a probe may be slow once.
class watch_policy {
public:
  // A check of an instance that runs.
  void observe(const std::string& instance, bool ok) {
    auto& row = failures_[instance];
    row = ok ? 0 : row + 1;
  }

  // An instance exited by itself, or did not become healthy after it was started again.
  void observe_end(const std::string& instance) {
    failures_.erase(instance);
    ++ends_;
  }

  // The instance failed limits::watch_failures checks in a row.
  bool unhealthy(const std::string& instance) const {
    auto row = failures_.find(instance);
    return row != failures_.end() && row->second >= limits::watch_failures;
  }

  // The instances together ended limits::watch_ends times.
  bool keeps_ending() const noexcept { return ends_ >= limits::watch_ends; }

private:
  std::map<std::string, std::uint32_t> failures_; // in a row
  std::uint32_t ends_ = 0;
};

} // namespace pawl
