#include "persistence/lane_configs.hpp"

#include <algorithm>

namespace pawl {

namespace {

// One that a newer deployment has superseded was not judged: the newer one takes the revision.
bool gave_up(const deployment& applied) {
  switch (applied.state) {
  case state::failed:
    return true;
  case state::cancelled:
    return !applied.error || applied.error->code != errc::superseded;
  case state::rolled_back:
    return applied.transitions.back().by == "pawl";
  default:
    return false;
  }
}

} // namespace

result<bool> has_failed(const store& records, const configuration& config) {
  if (!config.deployment)
    return false;
  auto applied = records.find(*config.deployment);
  if (!applied)
    return std::move(applied).error();
  return gave_up(*applied);
}

result<std::optional<configuration>> current_configuration(const store& records,
                                                           const lane_record& lane) {
  const auto oldest = lane.configs - std::min<std::size_t>(lane.configs, limits::config_search);
  for (auto number = lane.configs; number > oldest; --number) {
    auto found = records.configuration(lane.lane, number);
    if (!found && found.error().code == errc::not_found)
      break;
    if (!found)
      return std::move(found).error();
    auto failed = has_failed(records, *found);
    if (!failed)
      return std::move(failed).error();
    if (!*failed)
      return std::optional{*std::move(found)};
  }
  return std::optional<configuration>{};
}

} // namespace pawl
