#include "persistence/record_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

std::string problem_of(const deployment& d) {
  const auto& steps = d.transitions;
  if (steps.empty() || !may_begin(d.operation, steps.front().state))
    return "it begins in no state that it may begin in";
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (!transition(steps[i - 1].state, steps[i].state))
      return fmt::format("it went from {} to {}, which nothing may", to_string(steps[i - 1].state),
                         to_string(steps[i].state));
    if (steps[i].at < steps[i - 1].at)
      return "its transitions go back in time";
  }
  if (steps.back().state != d.state)
    return fmt::format("it is {}, but its last transition is to {}", to_string(d.state),
                       to_string(steps.back().state));
  if (is_settled(d.state) != d.finished_at.has_value())
    return d.finished_at ? "it has an end, and goes on" : "it has ended, at no time";
  bool ended_badly = is_final(d.state) && !was_active(d.state);
  if (ended_badly != d.error.has_value())
    return d.error ? "it has an error, and has not ended by one" : "it has ended without a reason";
  bool released = std::any_of(steps.begin(), steps.end(), [](const transition_entry& step) {
    return needs_version(step.state);
  });
  if (released && !(d.version && d.internals.settings && d.internals.artifact))
    return "it was released without a version";
  return {};
}

std::vector<state> journaled_states(const deployment& d) {
  std::vector<state> told;
  for (const auto& step : d.transitions) {
    told.push_back(step.state);
    if (is_settled(step.state))
      break;
  }
  return told;
}

} // namespace pawl
