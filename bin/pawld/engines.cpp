#include "bin/pawld/engines.hpp"

#include "bin/pawld/isolation.hpp"
#include "engines/docker/docker_engine.hpp"
#include "engines/process/process_engine.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

const std::string process_kind{to_string(engine_kind::process)};
const std::string docker_kind{to_string(engine_kind::docker)};

std::shared_ptr<engine> make_process_engine(const config::server_config& settings) {
  process_engine_config engine;
  engine.data_dir = settings.data_dir;
  if (!settings.file.empty())
    engine.own_files = {settings.file};
  engine.source_bytes = settings.limits.upload_bytes;
  engine.build_disk_bytes = settings.limits.build_disk;
  engine.isolation = isolation_of(settings);
  return std::make_shared<process_engine>(std::move(engine));
}

std::shared_ptr<engine> make_docker_engine(const config::server_config& settings,
                                           const std::string& socket,
                                           const std::shared_ptr<const variable_source>& known) {
  docker_engine_config engine;
  engine.data_dir = settings.data_dir;
  engine.socket = socket;
  engine.registries = settings.registries;
  engine.source_bytes = settings.limits.upload_bytes;
  engine.variables = known;
  return std::make_shared<docker_engine>(std::move(engine));
}

// Instances of a cluster that was taken out of the configuration still have to be stopped.
bool has_instances(const config::server_config& settings) {
  std::error_code absent;
  return !std::filesystem::is_empty(settings.data_dir / "instances", absent) && !absent;
}

} // namespace

engines_by_kind make_engines(const config::server_config& settings,
                             const std::shared_ptr<const variable_source>& variables) {
  engines_by_kind made;
  for (const auto& cluster : settings.clusters) {
    if (made.contains(cluster.engine))
      continue;
    made[cluster.engine] = cluster.engine == docker_kind
                               ? make_docker_engine(settings, cluster.socket, variables)
                               : make_process_engine(settings);
  }
  if (!made.contains(process_kind) && has_instances(settings))
    made[process_kind] = make_process_engine(settings);
  return made;
}

result<void> check_engines(const engines_by_kind& engines,
                           const std::function<void(std::string_view)>& log) {
  for (const auto& [kind, one] : engines) {
    auto able = one->check();
    if (able)
      for (const auto& warning : *able)
        log("warning: " + warning);
    else if (kind == docker_kind)
      log(fmt::format("warning: clusters with engine = \"docker\" build and start nothing until "
                      "this is mended: {}",
                      able.error().message));
    else
      return std::move(able).error();
  }
  return {};
}

} // namespace pawl
