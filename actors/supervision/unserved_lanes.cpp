#include "actors/supervision/unserved_lanes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl {

namespace {

// A condition of the configuration, and its remedy.
struct lack {
  std::string what;
  std::string remedy;
};

lack lack_of(const server_parts& parts, const std::string& cluster) {
  std::vector<std::string_view> names;
  for (const auto& one : parts.clusters) {
    if (one.name == cluster)
      return {fmt::format("cluster \"{}\" has the engine \"{}\", which this server does not have",
                          cluster, one.engine),
              fmt::format("correct engine in [cluster.{}] of the server's configuration", cluster)};
    names.emplace_back(one.name);
  }
  return {
      fmt::format("this server has no cluster \"{}\"; it has {}", cluster, fmt::join(names, ", ")),
      fmt::format("put [cluster.{}] back into the server's configuration", cluster)};
}

// All that is known of one such lane.
struct unserved_lane {
  std::optional<std::string> active = {};
  std::vector<std::string> ends = {};    // "ID, which was STATE"
  std::vector<std::string> runs_on = {}; // names of instances
};

std::string text_of(const server_parts& parts, const lane_key& lane, const unserved_lane& has) {
  const auto lacks = lack_of(parts, lane.cluster);
  auto text = fmt::format("lane {}/{} is not served: {}", lane.app, lane.cluster, lacks.what);
  for (const auto& one : has.ends)
    text += fmt::format("; deployment {}, ends now", one);
  if (!has.runs_on.empty())
    text += fmt::format("; of deployment {} run on, without requests: {}", *has.active,
                        fmt::join(has.runs_on, ", "));
  return text +
         fmt::format(". Its records stay. To go on with it, {}, and restart pawld", lacks.remedy);
}

} // namespace

error no_cluster(const std::string& cluster) {
  return {errc::not_found,
          fmt::format("there is no cluster \"{}\"; pawl clusters shows what there is", cluster),
          {{"cluster", cluster}}};
}

error not_served(const server_parts& parts, const std::string& cluster) {
  const bool is_configured =
      std::any_of(parts.clusters.begin(), parts.clusters.end(),
                  [&](const cluster_settings& one) { return one.name == cluster; });
  if (!is_configured)
    return no_cluster(cluster);
  return {errc::not_found, lack_of(parts, cluster).what, {{"cluster", cluster}}};
}

error ended_unserved(const server_parts& parts, const std::string& cluster) {
  const auto lacks = lack_of(parts, cluster);
  return {errc::not_found,
          fmt::format("the deployment was ended when the server started: {}. To go on, {}, restart "
                      "pawld, and deploy again",
                      lacks.what, lacks.remedy),
          {{"cluster", cluster}}};
}

std::vector<std::string> lines_of_unserved(const server_parts& parts,
                                           const recovery_snapshot& known,
                                           const std::vector<instance>& running) {
  std::map<lane_key, unserved_lane> found;
  auto is_unserved = [&](const lane_key& lane) {
    return served_cluster(parts, lane.cluster) == nullptr && !known.damaged.contains(lane);
  };
  for (const auto& lane : known.lanes)
    if (lane.active && is_unserved(lane.lane))
      found[lane.lane].active = lane.active;
  for (const auto& one : known.unfinished)
    if (is_unserved(lane_of(one)))
      found[lane_of(one)].ends.push_back(
          fmt::format("{}, which was {}", one.id, to_string(one.state)));
  for (const auto& one : running) {
    auto lane = found.find(one.lane);
    if (lane != found.end() && lane->second.active == one.deployment)
      lane->second.runs_on.push_back(one.name);
  }
  std::vector<std::string> lines;
  for (const auto& [lane, has] : found)
    lines.push_back(text_of(parts, lane, has));
  return lines;
}

} // namespace pawl
