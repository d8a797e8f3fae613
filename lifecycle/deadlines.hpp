// How long a deployment may stay in a state. Every state that is not final has an end, so nothing
// is in flight for ever.
#pragma once

#include "lifecycle/deployment.hpp"

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
    return settings.health.deadline + limits::activation_grace + limits::switch_timeout;
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

// What is left of it, by the stored time of the transition into the state: it goes on through a
// restart of the server. At least limits::resume_patience, so that an outage alone fails nothing
// that could go on at once; at most all of it, wherever the clock was set meanwhile.
inline std::optional<duration> time_left(const deployment& d, timestamp now) {
  auto whole = deadline_of(d);
  if (!whole || d.transitions.empty())
    return whole;
  auto passed = std::chrono::duration_cast<duration>(now - d.transitions.back().at);
  return std::clamp<duration>(*whole - passed, std::min<duration>(limits::resume_patience, *whole),
                              *whole);
}

} // namespace pawl
