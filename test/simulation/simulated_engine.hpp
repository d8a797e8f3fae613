// An engine and a probe that keep their promises, in virtual time. Its instances outlive the
// server.
#pragma once

#include "engines/engine.hpp"
#include "engines/probe.hpp"
#include "test/simulation/app_plan.hpp"
#include "test/simulation/effect_checker.hpp"
#include "test/support/volume_book.hpp"

namespace pawl::test {

class simulated_engine final : public engine {
public:
  struct running_instance {
    instance what;
    app_plan plan;
    duration started = {};
    std::optional<duration> stop_asked = {}; // first
  };

  simulated_engine(machine& on, effect_checker& checker) : machine_(on), checker_(checker) {}

  result<std::vector<std::string>> check() override { return std::vector<std::string>{}; }
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
  result<std::vector<volume>> volumes() override { return volumes_.list(); }
  result<void> remove_volume(const lane_key& lane, const std::string& name) override {
    return volumes_.remove(lane, name, instances_);
  }
  instance_logs& logs() override { return logs_; }

  // --- the world

  // It exits by itself.
  void die(const std::string& name);
  // The server has ended: its callbacks are dropped.
  void lose_server() { watchers_.clear(); }
  // From here on every app that ever was healthy is, and stays so.
  void heal() { healed_ = true; }

  const std::map<std::string, running_instance>& instances() const { return instances_; }
  const running_instance* at(const std::string& address) const;
  bool is_healthy(const running_instance& one) const;

private:
  class turn;

  // Its instances print nothing.
  class silent_logs final : public instance_logs {
  public:
    explicit silent_logs(const simulated_engine& engine) : engine_(engine) {}

    std::vector<std::string> last_lines(const std::string& name, std::size_t lines) override;
    std::uint64_t last_lines_begin(const std::string& name, std::size_t lines) override;
    log_page read(const std::string& name, std::uint64_t from, std::size_t most_lines,
                  bool unfinished) override;
    std::shared_ptr<void> watch(const std::string& name, const log_page& seen,
                                std::function<void()> callback) override;

  private:
    const simulated_engine& engine_;
  };

  result<void> work(duration time, const std::stop_token& stop);
  void tell_of_end(const instance& ended);
  void check_alone(const instance_spec& spec);

  machine& machine_;
  effect_checker& checker_;
  std::map<std::string, running_instance> instances_;
  std::multimap<std::string, std::function<void(instance)>> watchers_;
  std::map<std::string, bool> builds_; // by deployment: whether it is complete
  std::set<std::string> artifacts_;
  volume_book volumes_;
  std::multiset<std::string> turns_; // what is called now: "build ID", "instance NAME"
  std::uint32_t next_port_ = 1000;
  bool healed_ = false;
  silent_logs logs_{*this};
};

class simulated_probe final : public probe {
public:
  simulated_probe(machine& on, const simulated_engine& engine, effect_checker& checker)
      : machine_(on), engine_(engine), checker_(checker) {}

  probe_answer ask(const std::string& address, const health_settings& settings) override;

private:
  machine& machine_;
  const simulated_engine& engine_;
  effect_checker& checker_;
  std::map<std::string, std::uint32_t> in_a_row_;
};

} // namespace pawl::test
