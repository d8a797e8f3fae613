#include "persistence/journal_budget.hpp"

#include "lifecycle/limits.hpp"
#include "persistence/paging.hpp"

#include <fmt/format.h>

#include <utility>

namespace pawl {

namespace {

event told_of(std::uint64_t left_out, timestamp at) {
  return {
      0, at,
      warning_event{fmt::format("{} events (lines, checks, progress) were left out: the journal "
                                "of a deployment has a limit of {} MiB",
                                left_out, limits::journal_bytes / limits::mib)}};
}

} // namespace

void journal_budget::apply_to(std::vector<event>& events) {
  std::vector<event> kept;
  kept.reserve(events.size());
  for (auto& one : events) {
    if (!has_room_for(one)) {
      ++left_out_;
      continue;
    }
    if (left_out_ > 0 && std::holds_alternative<state_event>(one.body)) {
      kept.push_back(told_of(std::exchange(left_out_, 0), one.at));
      bytes_ += paging::bytes_of(kept.back());
    }
    bytes_ += paging::bytes_of(one);
    kept.push_back(std::move(one));
  }
  events = std::move(kept);
}

bool journal_budget::has_room_for(const event& one) const {
  if (std::holds_alternative<state_event>(one.body))
    return true;
  const bool warns = std::holds_alternative<warning_event>(one.body);
  const auto limit = limits::journal_bytes + (warns ? limits::journal_reserve : 0);
  return bytes_ + paging::bytes_of(one) <= limit;
}

} // namespace pawl
