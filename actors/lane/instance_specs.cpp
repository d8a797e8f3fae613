#include "actors/lane/instance_specs.hpp"

#include <algorithm>

namespace pawl {

source_commit commit_of(const deployment& d) {
  return d.git ? source_commit{d.git->sha, d.git->branch} : source_commit{};
}

namespace {

// Describes the first instance of the process.
instance_spec spec_of(const deployment& d, const std::string& process,
                      const cluster_settings& cluster) {
  instance_spec spec{instance_name(owner_of_instances(d), process, 1),
                     owner_of_instances(d),
                     lane_of(d),
                     *d.version,
                     *d.internals.artifact,
                     settings_for(*d.internals.settings, process)};
  spec.memory_bytes = memory_of(spec.settings.run, cluster);
  spec.cpus = cpus_of(spec.settings.run, cluster);
  spec.commit = commit_of(d);
  spec.process = process;
  spec.settle = settle_of(*d.internals.settings, process);
  spec.config = d.config;
  return spec;
}

} // namespace

std::vector<instance_spec> specs_of(const deployment& d, const cluster_settings& cluster) {
  std::vector<instance_spec> all;
  if (!d.version || !d.internals.settings || !d.internals.artifact)
    return all;
  for (const auto& [process, count] : counts_of(*d.internals.settings, d.internals.counts)) {
    auto spec = spec_of(d, process, cluster);
    for (std::uint32_t n = 1; n <= count; ++n) {
      spec.name = instance_name(owner_of_instances(d), process, n);
      all.push_back(spec);
    }
  }
  return all;
}

instance_spec release_spec_of(const deployment& d, const cluster_settings& cluster) {
  return spec_of(d, std::string{web_process}, cluster);
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

duration patience_for(const activation_order& order) {
  auto longest = order.health.deadline;
  for (const auto& spec : order.specs)
    longest = std::max(longest, spec.settle);
  return longest + limits::activation_grace;
}

std::vector<std::string> background_names(const deployment& d) {
  auto names = instance_names_of(d);
  std::erase_if(names, [](const std::string& name) { return is_web(name); });
  return names;
}

std::vector<instance> web_of(std::vector<instance> all) {
  std::erase_if(all, [](const instance& one) { return !is_web(one.name); });
  return all;
}

std::vector<std::string> addresses_of_web(const std::vector<instance>& all) {
  std::vector<std::string> addresses;
  for (const auto& one : all)
    if (is_web(one.name) && one.state == instance_state::running)
      addresses.push_back(one.address);
  return addresses;
}

} // namespace pawl
