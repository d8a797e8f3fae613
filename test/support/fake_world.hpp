// The dependencies of the server's actors, in memory: an engine, a router, a probe and sources that
// keep the contracts of their interfaces, and do what a test tells them: fail, or hold an order
// until it is released.
#pragma once

#include "engines/engine.hpp"
#include "engines/probe.hpp"
#include "lifecycle/error.hpp"
#include "routers/router.hpp"
#include "sources/source_store.hpp"
#include "test/support/volume_book.hpp"

#include <map>
#include <memory>
#include <set>

namespace pawl::test {

struct fake_engine : engine {
  std::vector<std::string> calls;        // "build ID", "start NAME", …
  std::map<std::string, error> failures; // by the call's first word
  std::map<std::string, instance> instances;
  std::multimap<std::string, std::function<void(instance)>> watchers;
  std::set<std::string> built; // by deployment
  bool artifacts_are_gone = false;
  std::uint32_t next_port = 1000;
  std::map<std::string, std::optional<config_number>> configs; // of instances that were started
  std::vector<std::string> lines = {};                         // what every build prints
  std::map<std::string, std::vector<std::string>> printed;     // by instances
  std::map<std::string, listening_places> places; // by instances; else at their addresses

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
  std::vector<std::string> leftovers() const override { return {built.begin(), built.end()}; }
  result<std::vector<volume>> volumes() override;
  result<void> remove_volume(const lane_key& lane, const std::string& name) override;
  instance_logs& logs() override { return logs_; }

  // The instance prints a line.
  void print(const std::string& name, const std::string& line);

  // The instance dies by itself.
  void kill(const std::string& name, int exit_status = 137);

private:
  // A place in them counts lines.
  class printed_logs final : public instance_logs {
  public:
    explicit printed_logs(fake_engine& engine) : engine_(engine) {}

    std::vector<std::string> last_lines(const std::string& name, std::size_t lines) override;
    std::uint64_t last_lines_begin(const std::string& name, std::size_t lines) override;
    log_page read(const std::string& name, std::uint64_t from, std::size_t most_lines,
                  bool unfinished) override;
    std::shared_ptr<void> watch(const std::string& name, const log_page& seen,
                                std::function<void()> callback) override;

    void call_watcher(const std::string& name);

  private:
    fake_engine& engine_;
    std::map<std::string, std::weak_ptr<std::function<void()>>> watchers_;
  };

  void tell_of_end(const std::string& name, const instance& dead);
  result<void> note(const std::string& verb, const std::string& what);

  std::set<std::string> started_; // ever
  volume_book volumes_;
  printed_logs logs_{*this};
};

// A lane is APP.localhost in cluster "local", and APP-CLUSTER.localhost in any other.
struct fake_router : router {
  std::map<lane_key, route> routes;
  std::vector<std::string> switches;  // deployments, in the order they were switched to
  std::optional<error> failure = {};  // of the next switch
  bool switch_before_failing = false; // the answer is lost, not the switch
  std::size_t restores = 0;
  std::size_t failing_restores = 0; // of the next ones, so many fail
  std::function<void()> on_death;
  bool dead = false;               // until the next restore
  std::vector<std::string> let_go; // deployments whose clients were let go
  std::function<void()> on_let_go;

  result<void> restore(const std::vector<route>& all) override;
  result<void> switch_to(const route& to) override;
  bool is_running() const override { return !dead; }
  result<void> let_clients_go(const lane_key& lane, const std::string& deployment) override;
  result<void> forget(const lane_key& lane, const std::string& deployment) override;
  std::vector<std::string> hosts(const lane_key& lane) const override;
  std::vector<std::string> urls(const lane_key& lane) const override;
  void watch(std::function<void()> callback) override { on_death = std::move(callback); }
  void stop() override { routes.clear(); }
};

struct fake_probe : probe {
  std::set<std::string> sick; // addresses that do not answer well
  bool all_sick = false;
  bool answers_differ = false; // each says another thing
  bool nobody_listens = false; // at any address
  std::size_t asked = 0;
  std::set<std::string> hosts; // with which it was asked

  probe_answer ask(const std::string& address, const health_settings& settings) override;
};

struct fake_sources : source_store {
  struct upload {
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0;
  };
  std::map<std::string, upload> open;
  std::map<std::pair<std::string, std::string>, std::uint64_t>
      kept;                          // the bytes of what was verified, by app and digest
  std::set<std::string> closed;      // uploads, until they are opened again
  std::optional<error> verdict = {}; // instead of a good reading
  bool has_manifest = true;
  bool has_procfile = false;
  std::optional<error> no_room = {}; // for further uploads

  result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                    const source_facts& promised) override;
  result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                               std::vector<char> bytes) override;
  void close_upload(const std::string& deployment) override { closed.insert(deployment); }
  result<source_reading> verify(const std::string& deployment, const std::string& app,
                                const std::string& digest) override;
  std::filesystem::path path(const std::string& app, const std::string& digest) const override;
  std::vector<std::string> uploads() const override;
  void discard_upload(const std::string& deployment) override { open.erase(deployment); }
};

struct fake_world {
  timestamp wall = timestamp{std::chrono::hours{24 * 365 * 50}};
  result<manifest> manifest_answer = simple_manifest();
  std::shared_ptr<fake_engine> engine = std::make_shared<fake_engine>();
  std::shared_ptr<fake_router> router = std::make_shared<fake_router>();
  std::shared_ptr<fake_probe> probe = std::make_shared<fake_probe>();
  std::shared_ptr<fake_sources> sources = std::make_shared<fake_sources>();

  static manifest simple_manifest();
};

} // namespace pawl::test
