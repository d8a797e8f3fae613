// An engine, a probe and sources that do nothing and take a fixed time, or none: the rest is the
// server's own cost. They keep the promises of their interfaces. Any thread.
#pragma once

#include "engines/engine.hpp"
#include "engines/probe.hpp"
#include "sources/source_store.hpp"

#include <filesystem>
#include <map>
#include <mutex>

namespace pawl::bench {

struct timed_parts_plan {
  duration build{0};
  duration start{0};
  std::size_t lines = 0;         // of 200 bytes, printed by each build before that time begins
  duration line_pause{0};        // after each
  std::size_t running = 0;       // seeded instances that run when the server starts
  std::size_t first_running = 0; // the number of the first of them
  // A directory with a file for each instance that runs: they outlive the server. None if empty.
  std::filesystem::path survivors = {};
};

// Those whose files are in the directory.
std::vector<instance> surviving_instances(const std::filesystem::path& directory);

class timed_engine : public engine {
public:
  explicit timed_engine(const timed_parts_plan& plan);

  result<std::vector<std::string>> check() override { return std::vector<std::string>{}; }
  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override;
  result<artifact> push(const build_job& job, std::stop_token stop) override;
  result<void> run_release(const instance_spec&, const line_sink&, std::stop_token) override {
    return {};
  }
  bool has_artifact(const std::string&, const std::string&) const override { return true; }
  result<instance> start(const instance_spec& spec) override;
  result<void> stop(const std::string& name, duration grace) override;
  result<std::vector<instance>> list() override;
  void watch(const std::string& name, std::function<void(instance)> on_exit) override;
  listening_places listening(const std::string&) override { return {}; }
  void discard(const std::string&) override {}
  std::vector<std::string> leftovers() const override { return {}; }
  instance_logs& logs() override { return logs_; }

private:
  struct running_instance {
    instance what;
    std::vector<std::function<void(instance)>> watchers;
  };

  // Its instances print nothing.
  class empty_logs final : public instance_logs {
  public:
    explicit empty_logs(timed_engine& engine) : engine_(engine) {}

    std::vector<std::string> last_lines(const std::string&, std::size_t) override { return {}; }
    std::uint64_t last_lines_begin(const std::string&, std::size_t) override { return 0; }
    log_page read(const std::string& name, std::uint64_t from, std::size_t most_lines,
                  bool unfinished) override;
    std::shared_ptr<void> watch(const std::string& name, const log_page& seen,
                                std::function<void()> callback) override;

  private:
    timed_engine& engine_;
  };

  bool runs(const std::string& name);

  std::filesystem::path file_of(const std::string& name) const { return plan_.survivors / name; }

  const timed_parts_plan plan_;
  std::mutex mutex_;
  std::map<std::string, running_instance> running_;
  empty_logs logs_{*this};
};

class ready_probe : public probe {
public:
  probe_answer ask(const std::string&, const health_settings&) override {
    return {true, "GET /healthz: 200 OK", true};
  }
};

// Every source is there already, and is good.
class ready_sources : public source_store {
public:
  result<std::uint64_t> open_upload(const std::string&, const std::string&,
                                    const source_facts& promised) override {
    return promised.bytes;
  }
  result<std::uint64_t> append(const std::string&, std::uint64_t offset,
                               std::vector<char> bytes) override {
    return offset + bytes.size();
  }
  void close_upload(const std::string&) override {}
  result<source_reading> verify(const std::string& deployment, const std::string& app,
                                const std::string& digest) override;
  std::filesystem::path path(const std::string& app, const std::string& digest) const override {
    return std::filesystem::path{app} / digest;
  }
  std::vector<std::string> uploads() const override { return {}; }
  void discard_upload(const std::string&) override {}
};

} // namespace pawl::bench
