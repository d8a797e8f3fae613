#include "lifecycle/time_zone.hpp"

#include <algorithm>
#include <optional>

namespace pawl {

namespace {

// The change that clocks near this time see, if they see one, and how far they are ahead before it
// and from it on.
struct seen_change {
  std::optional<timestamp> at;
  std::chrono::seconds before = {};
  std::chrono::seconds after = {};
};

std::chrono::seconds ahead_at(const time_zone& zone, timestamp at) {
  auto next =
      std::upper_bound(zone.changes.begin(), zone.changes.end(), at,
                       [](timestamp time, const time_zone::change& one) { return time < one.at; });
  return next == zone.changes.begin() ? zone.ahead : std::prev(next)->ahead;
}

// No place is a day or more ahead of UTC, or behind it.
seen_change change_near(const time_zone& zone, local_time shown) {
  constexpr std::chrono::days day{1};
  const timestamp as_utc{shown.time_since_epoch()};
  auto next =
      std::upper_bound(zone.changes.begin(), zone.changes.end(), as_utc - day,
                       [](timestamp time, const time_zone::change& one) { return time < one.at; });
  seen_change seen;
  seen.before = seen.after = ahead_at(zone, as_utc - day);
  if (next != zone.changes.end() && next->at <= as_utc + day) {
    seen.at = next->at;
    seen.after = next->ahead;
  }
  return seen;
}

timestamp instant(local_time shown, std::chrono::seconds ahead) {
  return timestamp{shown.time_since_epoch()} - ahead;
}

} // namespace

local_time to_local(const time_zone& zone, timestamp at) {
  return local_time{at.time_since_epoch()} + ahead_at(zone, at);
}

timestamp first_instant(const time_zone& zone, local_time shown) {
  const auto seen = change_near(zone, shown);
  const auto early = instant(shown, seen.before);
  return seen.at && early >= *seen.at ? std::max(*seen.at, instant(shown, seen.after)) : early;
}

timestamp last_instant(const time_zone& zone, local_time shown) {
  const auto seen = change_near(zone, shown);
  const auto late = instant(shown, seen.after);
  return seen.at && late < *seen.at ? std::min(*seen.at, instant(shown, seen.before)) : late;
}

} // namespace pawl
