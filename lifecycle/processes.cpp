#include "lifecycle/processes.hpp"

#include "lifecycle/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl {

namespace {

constexpr double milli = 1000;

const process_settings* find_process(const manifest& app, std::string_view name) {
  auto found = std::find_if(app.processes.begin(), app.processes.end(),
                            [&](const process_settings& one) { return one.name == name; });
  return found == app.processes.end() ? nullptr : &*found;
}

std::string table_of(std::string_view process) {
  return process == web_process ? "run" : fmt::format("process.{}", process);
}

error unknown_process(const manifest& app, const std::string& name) {
  const auto known = process_names(app);
  const auto meant = nearest(name, known);
  return {
      errc::invalid_argument,
      fmt::format("{} has no process \"{}\"{} It has {}; [process.NAME] in pawl.toml or a line "
                  "of the Procfile adds another",
                  app.app.empty() ? "the app" : app.app, name.substr(0, limits::process_name_bytes),
                  meant ? fmt::format(": did you mean {}?", *meant) : ".", fmt::join(known, ", ")),
      {{"process", name.substr(0, limits::process_name_bytes)}}};
}

} // namespace

std::vector<std::string> process_names(const manifest& app) {
  std::vector<std::string> names;
  if (has_web(app))
    names.emplace_back(web_process);
  for (const auto& one : app.processes)
    names.push_back(one.name);
  return names;
}

std::uint32_t count_of(const manifest& app, const process_counts& counts,
                       std::string_view process) {
  const auto* other = find_process(app, process);
  const bool is_web = process == web_process && has_web(app);
  if (!is_web && other == nullptr)
    return 0;
  auto set = std::find_if(counts.begin(), counts.end(),
                          [&](const process_count& one) { return one.process == process; });
  if (set != counts.end())
    return set->instances;
  return is_web ? app.run.instances : other->instances;
}

process_counts counts_of(const manifest& app, const process_counts& counts) {
  process_counts all;
  for (auto& name : process_names(app)) {
    const auto count = count_of(app, counts, name);
    all.push_back({std::move(name), count});
  }
  return all;
}

manifest settings_for(const manifest& app, std::string_view process) {
  auto settings = app;
  const auto* own = find_process(app, process);
  if (process == web_process || own == nullptr)
    return settings;
  auto& run = settings.run;
  run.command = own->command;
  run.instances = own->instances;
  run.stop_timeout = own->stop_timeout;
  run.sticky = false;
  run.memory_bytes = own->memory_bytes;
  run.millicpus = own->millicpus;
  for (const auto& [name, value] : own->env)
    run.env[name] = value;
  return settings;
}

duration settle_of(const manifest& app, std::string_view process) {
  const auto* own = find_process(app, process);
  return own == nullptr ? duration::zero() : own->settle;
}

duration longest_settle(const manifest& app) {
  duration longest{};
  for (const auto& one : app.processes)
    longest = std::max(longest, one.settle);
  return longest;
}

std::vector<std::string> instance_names_of(const deployment& d) {
  std::vector<std::string> names;
  if (!d.version || !d.internals.settings || !d.internals.artifact)
    return names;
  for (const auto& [process, count] : counts_of(*d.internals.settings, d.internals.counts))
    for (std::uint32_t n = 1; n <= count; ++n)
      names.push_back(instance_name(owner_of_instances(d), process, n));
  return names;
}

duration stop_timeout_of(const deployment& d, std::string_view instance) {
  if (!d.internals.settings)
    return limits::stop_timeout;
  const auto* own = find_process(*d.internals.settings, process_of_instance(instance));
  return own == nullptr ? d.internals.settings->run.stop_timeout : own->stop_timeout;
}

std::uint64_t memory_of(const run_settings& run, const cluster_settings& cluster) {
  return run.memory_bytes == 0 ? cluster.memory_bytes
                               : std::min(run.memory_bytes, cluster.memory_bytes);
}

double cpus_of(const run_settings& run, const cluster_settings& cluster) {
  return run.millicpus == 0 ? cluster.cpus : std::min(run.millicpus / milli, cluster.cpus);
}

result<void> check_fits_limits(const manifest& app, const cluster_settings& cluster) {
  std::string told;
  for (const auto& name : process_names(app)) {
    const auto run = settings_for(app, name).run;
    if (run.memory_bytes > cluster.memory_bytes)
      told += fmt::format("{}[{}] memory is {} bytes, and cluster {} gives an instance {} at most: "
                          "ask for less, or have memory in [cluster.{}] of the server's "
                          "configuration raised",
                          told.empty() ? "" : "\n", table_of(name), run.memory_bytes, cluster.name,
                          cluster.memory_bytes, cluster.name);
    if (run.millicpus / milli > cluster.cpus)
      told += fmt::format("{}[{}] cpus is {}, and cluster {} gives an instance {} at most: ask for "
                          "less, or have cpus in [cluster.{}] of the server's configuration raised",
                          told.empty() ? "" : "\n", table_of(name), run.millicpus / milli,
                          cluster.name, cluster.cpus, cluster.name);
  }
  if (told.empty())
    return {};
  return error{errc::invalid_argument, std::move(told), {{"cluster", cluster.name}}};
}

void settle_web(manifest& app, const cluster_settings& cluster) {
  const auto engine = parse_engine_kind(cluster.engine).value_or(engine_kind::process);
  if (engine == engine_kind::process && app.run.command.empty() && !app.processes.empty())
    app.run.instances = 0;
}

result<process_counts> scaled(const manifest& app, const process_counts& now,
                              const process_counts& wanted) {
  auto counts = now;
  for (const auto& one : wanted) {
    const auto names = process_names(app);
    if (std::find(names.begin(), names.end(), one.process) == names.end())
      return unknown_process(app, one.process);
    std::erase_if(counts, [&](const process_count& old) { return old.process == one.process; });
    counts.push_back(one);
  }
  std::uint64_t total = 0;
  for (const auto& one : counts_of(app, counts))
    total += one.instances;
  if (total > limits::instances_per_lane)
    return error{errc::invalid_argument,
                 fmt::format("an app has at most {} instances in a cluster, of all its processes "
                             "together, and these would be {}: ask for fewer",
                             limits::instances_per_lane, total),
                 {}};
  return counts;
}

result<void> check_process(const manifest& app, const std::string& name) {
  const auto names = process_names(app);
  if (std::find(names.begin(), names.end(), name) == names.end())
    return unknown_process(app, name);
  return {};
}

} // namespace pawl
