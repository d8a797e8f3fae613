#include "lifecycle/deployment.hpp"

#include "lifecycle/bounded_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

error not_allowed(const deployment& d, state to, std::string_view why) {
  return {errc::invalid_transition,
          fmt::format("deployment {} cannot go from {} to {}: {}", d.id, to_string(d.state),
                      to_string(to), why),
          {{"deployment", d.id},
           {"from", std::string{to_string(d.state)}},
           {"to", std::string{to_string(to)}}}};
}

void enter(deployment& d, state to, timestamp now, std::string by) {
  d.state = to;
  d.updated_at = std::max(now, d.updated_at);
  if (is_settled(to) && !d.finished_at)
    d.finished_at = d.updated_at;
  d.transitions.push_back({to, d.updated_at, std::move(by)});
  d.internals.resumes = 0;
}

} // namespace

failure make_failure(error why, state in) {
  keep_within_limits(why);
  return {why.code, std::move(why.message), std::move(why.details), in};
}

std::optional<duration> time_in(const deployment& d, state which) {
  for (auto i = d.transitions.size(); i-- > 1;)
    if (d.transitions[i - 1].state == which)
      return std::chrono::duration_cast<duration>(d.transitions[i].at - d.transitions[i - 1].at);
  return std::nullopt;
}

result<deployment> begin(deployment draft, state first, timestamp now) {
  if (!may_begin(draft.operation, first))
    return not_allowed(draft, first,
                       fmt::format("a {} does not begin there", to_string(draft.operation)));
  if (draft.operation != operation::deploy && !draft.version)
    return not_allowed(draft, first, "it names no version");
  if (draft.operation == operation::deploy && draft.version)
    return not_allowed(draft, first, "a deploy has no version before it is built");
  draft.created_at = now;
  draft.updated_at = now;
  auto by = draft.by;
  enter(draft, first, now, std::move(by));
  return draft;
}

result<deployment> advance(deployment d, state to, timestamp now, std::string by,
                           version_from given_by) {
  if (!transition(d.state, to))
    return not_allowed(d, to, "the state machine has no such transition");
  if (d.state == state::queued && is_in_flight(to) && to != state::cancelling &&
      to != first_step(d.operation))
    return not_allowed(d, to, fmt::format("a {} does not begin there", to_string(d.operation)));
  if (needs_version(to) && !d.version && given_by == version_from::record)
    return not_allowed(d, to, "it has no version");
  enter(d, to, now, std::move(by));
  return d;
}

result<deployment> fail(deployment d, const error& why, timestamp now) {
  auto in = d.state;
  auto failed = advance(std::move(d), state::failed, now, "pawl");
  if (failed)
    failed->error = make_failure(why, in);
  return failed;
}

} // namespace pawl
