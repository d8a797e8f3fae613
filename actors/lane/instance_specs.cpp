#include "actors/lane/instance_specs.hpp"

#include <algorithm>

namespace pawl {

source_commit commit_of(const deployment& d) {
  return d.git ? source_commit{d.git->sha, d.git->branch} : source_commit{};
}

std::vector<instance_spec> specs_of(const deployment& d, const cluster_settings& cluster) {
  std::vector<instance_spec> all;
  if (!d.version || !d.internals.settings || !d.internals.artifact)
    return all;
  for (std::uint32_t i = 1; i <= d.internals.settings->run.instances; ++i)
    all.push_back({instance_name(owner_of_instances(d), i), owner_of_instances(d), lane_of(d),
                   *d.version, *d.internals.artifact, *d.internals.settings, cluster.memory_bytes,
                   cluster.cpus, commit_of(d)});
  return all;
}

activation_order activation_of(const deployment& d, const cluster_settings& cluster,
                               const std::vector<std::string>& hosts) {
  return {specs_of(d, cluster), checks_of(d, hosts), d.id};
}

activation_order takeover_of(const deployment& warm, const std::string& by,
                             const cluster_settings& cluster,
                             const std::vector<std::string>& hosts) {
  activation_order order{specs_of(warm, cluster), checks_of(warm, hosts), by, true};
  order.health.healthy_threshold = 1;
  order.health.deadline = std::min(order.health.deadline, 2 * order.health.timeout);
  return order;
}

health_settings checks_of(const deployment& d, const std::vector<std::string>& hosts) {
  auto checks = d.internals.settings->health;
  if (!checks.host && !hosts.empty())
    checks.host = hosts.front();
  return checks;
}

std::vector<std::string> instance_names(const deployment& d, const cluster_settings& cluster) {
  std::vector<std::string> names;
  for (const auto& spec : specs_of(d, cluster))
    names.push_back(spec.name);
  return names;
}

} // namespace pawl
