#include "engines/docker/docker_engine.hpp"

#include "engines/docker/api_json.hpp"
#include "engines/docker/docker_builds.hpp"
#include "engines/docker/docker_instances.hpp"
#include "engines/docker/docker_volumes.hpp"
#include "engines/docker/release_run.hpp"

#include <fmt/format.h>

namespace pawl {

struct docker_engine::parts {
  explicit parts(docker_engine_config config)
      : host(std::move(config)), records(host.directory() / "instances"), builds(host),
        logs(host.directory() / "logs",
             [this](const std::string& name) { return !records.has(name); }),
        instances(host, records, logs) {}

  docker_host host;
  container_records records;
  docker_builds builds;
  file_instance_logs logs;
  docker_instances instances;
};

namespace {

bool has_option(const json& about, const std::string& option) {
  const auto& options = member(about, "SecurityOptions");
  if (options.is_array())
    for (const auto& one : options)
      if (text_of(one).find("name=" + option) != std::string::npos)
        return true;
  return false;
}

} // namespace

docker_engine::docker_engine(docker_engine_config config)
    : parts_(std::make_unique<parts>(std::move(config))) {}

docker_engine::~docker_engine() = default;

result<std::vector<std::string>> docker_engine::check() {
  auto& client = parts_->host.client();
  if (auto agreed = client.negotiate(); !agreed)
    return std::move(agreed).error();
  auto answer = client.call({.target = "/info"});
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return refusal_of(*answer, "tell about itself");
  const auto about = parse_json(answer->body);
  const auto where = client.socket().string();
  if (const auto system = text_in(about, "OSType"); system != "linux")
    return error{errc::unavailable,
                 fmt::format("the Docker daemon at {} runs containers of {}, and not of Linux: "
                             "switch it to those",
                             where, system),
                 {}};
  if (has_option(about, "rootless"))
    return error{errc::unavailable,
                 fmt::format("the Docker daemon at {} is rootless: its containers have no address "
                             "that the router reaches. Use one that runs as root",
                             where),
                 {}};
  std::vector<std::string> warnings;
  if (!truth_of(member(about, "LiveRestoreEnabled")))
    warnings.push_back(fmt::format("the Docker daemon at {} stops all apps when it restarts: set "
                                   "\"live-restore\": true in /etc/docker/daemon.json",
                                   where));
  if (!truth_of(member(about, "MemoryLimit")))
    warnings.push_back(fmt::format("the Docker daemon at {} cannot limit memory", where));
  return warnings;
}

result<void> docker_engine::build(const build_job& job, const line_sink& sink,
                                  std::stop_token stop) {
  return parts_->builds.build(job, sink, stop);
}

result<artifact> docker_engine::push(const build_job& job, std::stop_token stop) {
  return parts_->builds.push(job, stop);
}

result<void> docker_engine::run_release(const instance_spec& spec, const line_sink& sink,
                                        std::stop_token stop) {
  return run_release_in_container(parts_->host, spec, sink, stop);
}

bool docker_engine::has_artifact(const std::string& app, const std::string& digest) const {
  return parts_->builds.has_artifact(app, digest);
}

result<instance> docker_engine::start(const instance_spec& spec) {
  return parts_->instances.start(spec);
}

result<void> docker_engine::stop(const std::string& name, duration grace) {
  return parts_->instances.stop(name, grace);
}

result<std::vector<instance>> docker_engine::list() {
  return parts_->instances.list();
}

void docker_engine::watch(const std::string& name, std::function<void(instance)> on_exit) {
  parts_->instances.watch(name, std::move(on_exit));
}

listening_places docker_engine::listening(const std::string& name) {
  return parts_->instances.listening(name);
}

std::optional<probe_answer> docker_engine::own_check(const std::string& name) {
  return parts_->instances.own_check(name);
}

void docker_engine::discard(const std::string& deployment) {
  parts_->builds.discard(deployment);
}

std::vector<std::string> docker_engine::leftovers() const {
  return parts_->builds.leftovers();
}

result<std::vector<volume>> docker_engine::volumes() {
  return list_volumes(parts_->host);
}

result<void> docker_engine::remove_volume(const lane_key& lane, const std::string& name) {
  return remove_docker_volume(parts_->host, lane, name);
}

instance_logs& docker_engine::logs() {
  return parts_->logs;
}

} // namespace pawl
