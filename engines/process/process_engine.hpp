// The engine that needs no container runtime: builds and instances are plain processes in
// bubblewrap sandboxes (sandbox.hpp), bounded by control groups where this machine lets the server
// make them. Instances go on when the server ends.
#pragma once

#include "engines/engine.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"

#include <memory>

namespace pawl {

class process_engine : public engine {
public:
  // One engine at a time for a data directory. Starts a thread, and nothing else.
  explicit process_engine(process_engine_config config);
  ~process_engine() override;

  result<std::vector<std::string>> check() override;
  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override;
  result<artifact> push(const build_job& job, std::stop_token stop) override;
  result<void> run_release(const instance_spec& spec, const line_sink& sink,
                           std::stop_token stop) override;
  result<instance> start(const instance_spec& spec) override;
  result<void> stop(const std::string& name, duration grace) override;
  result<std::vector<instance>> list() override;
  void watch(const std::string& name, std::function<void(instance)> on_exit) override;
  void discard(const std::string& deployment) override;
  std::vector<std::string> leftovers() const override;
  std::vector<std::string> tail(const std::string& name, std::size_t lines) override;
  log_page read_log(const std::string& name, std::uint64_t from, std::size_t most_lines,
                    bool unfinished) override;
  std::uint64_t log_tail(const std::string& name, std::size_t lines) override;
  std::shared_ptr<void> watch_log(const std::string& name, const log_page& seen,
                                  std::function<void()> callback) override;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace pawl
