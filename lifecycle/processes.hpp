// The processes of an app: "web", which is routed, and the others that its manifest or its Procfile
// names. Pure: which there are, how many instances each has, and with which settings they run.
#pragma once

#include "lifecycle/cluster.hpp"
#include "lifecycle/names.hpp"

namespace pawl {

// Whether the app has a process that is routed.
inline bool has_web(const manifest& app) {
  return app.run.instances > 0;
}

// "web" first, if there is one; then the others, as they stand in the manifest.
std::vector<std::string> process_names(const manifest& app);

// How many instances of the process there are to be: as `counts` says, else as the manifest does;
// 0 for a process that the app does not have.
std::uint32_t count_of(const manifest& app, const process_counts& counts, std::string_view process);

// All processes of the app, with what count_of() says of each.
process_counts counts_of(const manifest& app, const process_counts& counts);

// The app's settings with those of the process in the place of [run]'s. The process is one of the
// app's.
manifest settings_for(const manifest& app, std::string_view process);

// How long an instance of the process has to run until it is healthy; 0 for "web".
duration settle_of(const manifest& app, std::string_view process);
// The longest of the app's.
duration longest_settle(const manifest& app);

// The names of the deployment's instances; none before it has a version.
std::vector<std::string> instance_names_of(const deployment& d);

// From SIGTERM to SIGKILL, for an instance of the deployment.
duration stop_timeout_of(const deployment& d, std::string_view instance);

// The limits of an instance: the app's own, where it sets them, and at most the cluster's.
std::uint64_t memory_of(const run_settings& run, const cluster_settings& cluster);
double cpus_of(const run_settings& run, const cluster_settings& cluster);

// invalid_argument, naming each process that asks for more than the cluster gives an instance.
result<void> check_fits_limits(const manifest& app, const cluster_settings& cluster);

// Only an image starts something without a command: with another engine, an app that has other
// processes and no command for "web" has no "web".
void settle_web(manifest& app, const cluster_settings& cluster);

// `now` with the counts of `wanted` in it. invalid_argument for a process that the app does not
// have, or if its instances would be more than limits::instances_per_lane.
result<process_counts> scaled(const manifest& app, const process_counts& now,
                              const process_counts& wanted);

// invalid_argument if the app has no such process; it names the nearest.
result<void> check_process(const manifest& app, const std::string& name);

} // namespace pawl
