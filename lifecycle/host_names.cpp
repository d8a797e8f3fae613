#include "lifecycle/host_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

error host_is_taken(const host_claim& held, const lane_key& wanted_by) {
  return {errc::invalid_argument,
          fmt::format("{} is the host name of app {} in cluster {}, so app {} in cluster {} cannot "
                      "have it: deploy one of the two apps under another name",
                      held.host, held.lane.app, held.lane.cluster, wanted_by.app,
                      wanted_by.cluster),
          {{"host", held.host}, {"app", held.lane.app}, {"cluster", held.lane.cluster}}};
}

settled_hosts settle_hosts(const std::vector<host_claim>& held,
                           const std::vector<host_claim>& wanted) {
  std::map<std::string, lane_key> before;
  for (const auto& claim : held)
    before[claim.host] = claim.lane;
  std::map<std::string, lane_key> after;
  for (const auto& claim : wanted) {
    const auto holder = before.find(claim.host);
    const bool holds = holder != before.end() && holder->second == claim.lane;
    auto [first, is_first] = after.emplace(claim.host, claim.lane);
    const bool goes_before = holds || claim.lane < first->second;
    const bool first_holds = holder != before.end() && holder->second == first->second;
    if (!is_first && goes_before && !first_holds)
      first->second = claim.lane;
  }
  settled_hosts settled;
  for (const auto& [host, lane] : before)
    if (!after.contains(host))
      settled.released.push_back(host);
  for (const auto& [host, lane] : after) {
    const auto holder = before.find(host);
    if (holder == before.end() || holder->second != lane)
      settled.claimed.push_back({host, lane});
  }
  for (const auto& claim : wanted)
    if (const auto& has = after.at(claim.host); has != claim.lane)
      settled.without.emplace(claim.lane, host_claim{claim.host, has});
  return settled;
}

} // namespace pawl
