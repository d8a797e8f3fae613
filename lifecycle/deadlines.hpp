// How long a deployment may stay in a state. Every state that is not final has an end, so nothing
// is in flight for ever.
#pragma once

#include "lifecycle/deployment.hpp"
#include "lifecycle/processes.hpp"

#include <algorithm>
#include <optional>

namespace pawl {

// From entering its present state to failing with timed_out (for cancelling: to the end by force).
// Nothing for active and final states. Workers keep shorter limits of their own; this one ends what
// is stuck.
inline std::optional<duration> deadline_of(const deployment& d) {
  const manifest defaults{};
  const auto& settings = d.internals.settings ? *d.internals.settings : defaults;
  switch (d.state) {
  case state::queued:
    return limits::queued_deadline;
  case state::preparing:
    return limits::preparing_deadline;
  case state::building:
    return limits::build_wait + settings.build.timeout + limits::build_grace;
  case state::pushing:
    return limits::pushing_deadline;
  case state::releasing:
    return settings.release.timeout + limits::build_grace;
  case state::activating:
    return (settings.deploy.replaces ? duration{limits::stop_timeout_max} : duration{}) +
           std::max(settings.health.deadline, longest_settle(settings)) + limits::activation_grace +
           limits::switch_timeout;
  case state::cancelling:
    return limits::cancelling_deadline;
  case state::active:
  case state::retired:
  case state::rolled_back:
  case state::superseded:
  case state::cancelled:
  case state::failed:
    return std::nullopt;
  }
  return std::nullopt;
}

// The wall-clock time by which the deployment has to leave its state, for people. A restart of the
// server may extend it a little.
inline std::optional<timestamp> deadline_at(const deployment& d) {
  auto whole = deadline_of(d);
  if (!whole || d.transitions.empty())
    return std::nullopt;
  return d.transitions.back().at + *whole;
}

// The condition that has to hold by the deadline, for people; empty for states without one.
constexpr std::string_view deadline_reason(state s) noexcept {
  switch (s) {
  case state::queued:
    return "the deployments before it must have ended";
  case state::preparing:
    return "its source must have been received";
  case state::building:
    return "its build must have ended: [build] timeout, and an hour to wait for a build worker";
  case state::pushing:
    return "its version must be stored";
  case state::releasing:
    return "its release command must have ended: [release] timeout";
  case state::activating:
    return "its instances must be healthy: [health] deadline";
  case state::cancelling:
    return "processes that still run are killed";
  case state::active:
  case state::retired:
  case state::rolled_back:
  case state::superseded:
  case state::cancelled:
  case state::failed:
    break;
  }
  return "";
}

// The time left until the deadline, counted from the stored time of the transition into the state,
// so that a restart of the server does not extend it. At least limits::resume_patience, so that an
// outage alone fails no deployment that could go on at once; at most the whole time, wherever the
// clock was set meanwhile.
inline std::optional<duration> time_left(const deployment& d, timestamp now) {
  auto whole = deadline_of(d);
  if (!whole || d.transitions.empty())
    return whole;
  auto passed = std::chrono::duration_cast<duration>(now - d.transitions.back().at);
  return std::clamp<duration>(*whole - passed, std::min<duration>(limits::resume_patience, *whole),
                              *whole);
}

// The time left of the watch_period of an active deployment, counted from the stored time at which
// it went live: at most the whole period, wherever the clock was set meanwhile.
inline duration watch_left(const deployment& active, duration period, timestamp now) {
  auto passed = std::chrono::duration_cast<duration>(now - active.finished_at.value_or(now));
  return std::clamp(period - passed, duration::zero(), period);
}

} // namespace pawl
