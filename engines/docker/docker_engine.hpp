// The engine over a Docker daemon: builds are builds of the daemon's, artifacts its images, and
// instances its containers, which are reached at their own addresses (decision 102). The daemon may
// be away for a while: instances that run then count as running.
#pragma once

#include "engines/docker/docker_host.hpp"
#include "engines/engine.hpp"

#include <memory>

namespace pawl {

class docker_engine : public engine {
public:
  // One engine at a time for a data directory. Starts its threads, and nothing else.
  explicit docker_engine(docker_engine_config config);
  ~docker_engine() override;

  result<std::vector<std::string>> check() override;
  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override;
  result<artifact> push(const build_job& job, std::stop_token stop) override;
  result<void> run_release(const instance_spec& spec, const line_sink& sink,
                           std::stop_token stop) override;
  bool has_artifact(const std::string& app, const std::string& digest) const override;
  result<instance> start(const instance_spec& spec) override;
  result<void> stop(const std::string& name, duration grace) override;
  result<std::vector<instance>> list() override;
  void watch(const std::string& name, std::function<void(instance)> on_exit) override;
  listening_places listening(const std::string& name) override;
  std::optional<probe_answer> own_check(const std::string& name) override;
  void discard(const std::string& deployment) override;
  std::vector<std::string> leftovers() const override;
  result<std::vector<volume>> volumes() override;
  result<void> remove_volume(const lane_key& lane, const std::string& name) override;
  instance_logs& logs() override;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace pawl
