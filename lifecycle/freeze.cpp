#include "lifecycle/freeze.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

constexpr std::chrono::days week{7};

// From the moment that it is stored: a clock that was set back since lifts nothing.
std::optional<lane_freeze> hold_of(const freeze_record& freeze, timestamp now) {
  if (is_over(freeze, now))
    return std::nullopt;
  return lane_freeze{freeze.reason, freeze.by, freeze.at, freeze.until, scope_of(freeze)};
}

// Monday, 00:00, of the week before that of this time: a window of it may still hold.
local_time week_before(local_time now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::weekday day{today};
  return today - (day - std::chrono::Monday) - week;
}

std::optional<lane_freeze> hold_of(const freeze_window& window, const lane_key& lane,
                                   timestamp now) {
  const auto& zone = *window.zone;
  const auto lasts =
      window.to > window.from ? window.to - window.from : window.to - window.from + week;
  const auto first = week_before(to_local(zone, now)) + window.from;
  for (int n = 0; n < 3; ++n) {
    const auto begins = first + n * week;
    const auto since = first_instant(zone, begins);
    const auto until = last_instant(zone, begins + lasts);
    if (since <= now && now < until)
      return lane_freeze{
          fmt::format("the freeze window \"{}\" of cluster {}", window.text, lane.cluster),
          "the server's configuration",
          since,
          until,
          {}};
  }
  return std::nullopt;
}

bool lasts_longer(const lane_freeze& one, const std::optional<lane_freeze>& than) {
  return !than || (than->until && (!one.until || *one.until > *than->until));
}

std::string remedy_of(const lane_freeze& frozen, const lane_key& lane) {
  const auto wait = frozen.until ? "Wait until then" : "Wait until it is lifted";
  if (!frozen.scope)
    return fmt::format("{}; an admin may deploy all the same, with --override-freeze REASON", wait);
  return fmt::format("{}; an admin may lift it (pawl unfreeze{}), or deploy {} all the same, with "
                     "--override-freeze REASON",
                     wait, options_of(*frozen.scope), lane.app);
}

} // namespace

bool covers(const freeze_scope& scope, const lane_key& lane) {
  return (!scope.app || *scope.app == lane.app) &&
         (!scope.cluster || *scope.cluster == lane.cluster);
}

std::string to_string(const freeze_scope& scope) {
  return fmt::format("{} in {}", scope.app.value_or("all apps"),
                     scope.cluster.value_or("all clusters"));
}

std::string options_of(const freeze_scope& scope) {
  return fmt::format("{}{}", scope.app ? " -a " + *scope.app : "",
                     scope.cluster ? " -C " + *scope.cluster : "");
}

std::optional<lane_freeze> find_freeze(const lane_key& lane, timestamp now,
                                       std::span<const freeze_record> freezes,
                                       std::span<const freeze_window> windows) {
  std::optional<lane_freeze> found;
  const auto consider = [&](std::optional<lane_freeze> one) {
    if (one && lasts_longer(*one, found))
      found = std::move(one);
  };
  for (const auto& freeze : freezes)
    if (covers(scope_of(freeze), lane))
      consider(hold_of(freeze, now));
  for (const auto& window : windows)
    consider(hold_of(window, lane, now));
  return found;
}

error refusal_of(const lane_key& lane, const lane_freeze& frozen) {
  error why{errc::frozen,
            fmt::format("deploys of {} to {} are frozen by {} {}: {}. {}", lane.app, lane.cluster,
                        frozen.by,
                        frozen.until ? "until " + format_time(*frozen.until) : "until it is lifted",
                        frozen.reason, remedy_of(frozen, lane)),
            {{"by", frozen.by}, {"reason", frozen.reason}, {"since", format_time(frozen.since)}}};
  if (frozen.until)
    why.details.emplace("until", format_time(*frozen.until));
  return why;
}

} // namespace pawl
