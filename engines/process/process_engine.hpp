// The engine without a container runtime: builds and instances are processes in bubblewrap
// sandboxes (engines/process/sandbox/sandbox.hpp), limited by control groups where the server may
// make them. Instances keep running when the server ends.
#pragma once

#include "engines/engine.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"

#include <memory>

namespace pawl {

class process_engine : public engine {
public:
  // One engine at a time for a data directory. Starts its threads, and nothing else.
  explicit process_engine(process_engine_config config);
  ~process_engine() override;

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
