#include "engines/docker/docker_volumes.hpp"

#include "lifecycle/names.hpp"
#include "lifecycle/volumes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto measure_limit = 1min; // the daemon reads all of its volumes through
constexpr long in_use = 409;

// A dot is in no name of an app, a cluster or a volume.
std::string volume_name(const docker_host& host, const lane_key& lane, const std::string& name) {
  return host.container_name(fmt::format("{}.{}.{}", lane.app, lane.cluster, name));
}

label_map labels_of(const docker_host& host, const lane_key& lane, const std::string& name) {
  auto labels = host.labels("volume");
  labels[app_label] = lane.app;
  labels[cluster_label] = lane.cluster;
  labels[volume_label] = name;
  return labels;
}

} // namespace

json volume_mounts(const docker_host& host, const instance_spec& spec) {
  auto mounts = json::array();
  for (const auto& [name, volume] : spec.settings.volumes)
    mounts.push_back({{"Type", "volume"},
                      {"Source", volume_name(host, spec.lane, name)},
                      {"Target", volume.path},
                      {"VolumeOptions", {{"Labels", labels_of(host, spec.lane, name)}}}});
  return mounts;
}

result<std::vector<volume>> list_volumes(const docker_host& host) {
  auto answer = host.client().call({.target = "/system/df?type=volume", .limit = measure_limit});
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return refusal_of(*answer, "list its volumes");
  std::vector<volume> found;
  const auto about = parse_json(answer->body);
  const auto& all = member(about, "Volumes");
  const auto ours = host.labels("volume");
  if (all.is_array())
    for (const auto& one : all) {
      const auto& labels = member(one, "Labels");
      if (std::any_of(ours.begin(), ours.end(), [&](const auto& label) {
            return text_in(labels, label.first) != label.second;
          }))
        continue;
      const auto bytes = number_in(member(one, "UsageData"), "Size"); // -1: not known
      found.push_back({{text_in(labels, app_label), text_in(labels, cluster_label)},
                       text_in(labels, volume_label),
                       static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes)),
                       bytes >= 0});
    }
  std::sort(found.begin(), found.end(), [](const volume& a, const volume& b) {
    return std::tie(a.lane.app, a.lane.cluster, a.name) <
           std::tie(b.lane.app, b.lane.cluster, b.name);
  });
  return found;
}

result<void> remove_docker_volume(const docker_host& host, const lane_key& lane,
                                  const std::string& name) {
  for (auto good :
       {check_name("app", lane.app), check_name("cluster", lane.cluster), check_volume_name(name)})
    if (!good)
      return good;
  auto answer = host.client().call(
      {.method = "DELETE", .target = "/volumes/" + volume_name(host, lane, name)});
  if (!answer)
    return std::move(answer).error();
  if (answer->success())
    return {};
  if (answer->status == in_use)
    return error{
        errc::invalid_transition,
        fmt::format("the volume {} is in use by a container: {}", name, message_in(*answer)),
        {{"volume", name}}};
  if (auto why = refusal_of(*answer, "remove the volume " + name); why.code != errc::not_found)
    return why;
  return error{errc::not_found,
               fmt::format("{} has no volume {} in {}", lane.app, name, lane.cluster),
               {{"volume", name}}};
}

} // namespace pawl
