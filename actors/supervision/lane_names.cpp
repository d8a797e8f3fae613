#include "actors/supervision/lane_names.hpp"

#include <fmt/format.h>

#include <set>

namespace pawl {

std::vector<host_claim> wanted_hosts(const server_parts& parts, const recovery_snapshot& known) {
  std::set<lane_key> in_use;
  for (const auto& lane : known.lanes)
    if (lane.active)
      in_use.insert(lane.lane);
  for (const auto& one : known.unfinished)
    in_use.insert(lane_of(one));
  for (const auto& [lane, why] : known.damaged)
    in_use.insert(lane);
  std::vector<host_claim> wanted;
  for (const auto& lane : in_use)
    if (served_cluster(parts, lane.cluster) != nullptr)
      for (auto& host : parts.router->hosts(lane))
        wanted.push_back({std::move(host), lane});
  return wanted;
}

change change_of_names(const settled_hosts& settled) {
  change wanted;
  wanted.hosts = settled.claimed;
  wanted.released_hosts = settled.released;
  for (const auto& claim : settled.claimed) // by whoever had it
    wanted.released_hosts.push_back(claim.host);
  return wanted;
}

std::vector<std::string> lines_of_nameless(const settled_hosts& settled) {
  std::vector<std::string> lines;
  for (const auto& [lane, held] : settled.without)
    lines.push_back(fmt::format("lane {}/{} gets no requests: {}. Its instances run on", lane.app,
                                lane.cluster, host_is_taken(held, lane).message));
  return lines;
}

} // namespace pawl
