// A router that outlives the server, and sources on a disk.
#pragma once

#include "routers/router.hpp"
#include "sources/source_store.hpp"
#include "test/simulation/effect_checker.hpp"

namespace pawl::test {

class simulated_router final : public router {
public:
  simulated_router(machine& on, effect_checker& checker) : machine_(on), checker_(checker) {
    checker_.routed(routes_);
  }

  result<void> restore(const std::vector<route>& all) override;
  result<void> switch_to(const route& to) override;
  bool is_running() const override { return alive_; }
  result<void> forget(const lane_key& lane, const std::string& deployment) override;
  result<void> let_clients_go(const lane_key& lane, const std::string& deployment) override;
  std::vector<std::string> hosts(const lane_key& lane) const override;
  std::vector<std::string> urls(const lane_key& lane) const override;
  void watch(std::function<void()> on_death) override { on_death_ = std::move(on_death); }
  void stop() override { routes_.clear(); }

  // --- the world
  void die();
  void lose_server() { on_death_ = nullptr; }
  bool alive() const { return alive_; }
  const std::map<lane_key, route>& routes() const { return routes_; }

private:
  machine& machine_;
  effect_checker& checker_;
  std::map<lane_key, route> routes_;
  std::function<void()> on_death_;
  bool alive_ = false;
};

class simulated_sources final : public source_store {
public:
  explicit simulated_sources(machine& on) : machine_(on) {}

  result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                    const source_facts& promised) override;
  result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                               std::vector<char> bytes) override;
  void close_upload(const std::string& deployment) override;
  result<source_reading> verify(const std::string& deployment, const std::string& app,
                                const std::string& digest) override;
  std::filesystem::path path(const std::string& app, const std::string& digest) const override;
  std::vector<std::string> uploads() const override;
  void discard_upload(const std::string& deployment) override;

private:
  struct upload {
    std::uint64_t bytes = 0;
    std::uint64_t offset = 0;
  };

  machine& machine_;
  std::map<std::string, upload> open_;
  std::set<std::string> discarded_;
  std::map<std::string, std::uint64_t> sources_; // the bytes of each, by app and digest
};

} // namespace pawl::test
