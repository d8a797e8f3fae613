// The simulation's engine, router and source store keep the contracts that the real ones keep: a
// finding of the simulation is then one of the server.
#include "test/engines/engine_contract.hpp"
#include "test/routers/router_contract.hpp"
#include "test/simulation/simulated_engine.hpp"
#include "test/simulation/simulated_router.hpp"
#include "test/sources/source_store_contract.hpp"
#include "test/support/memory_store.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

// A machine in calm weather, where a call takes no time, and nobody who judges the calls.
struct calm_machine {
  calm_machine() { on.boot_server(); }

  void restart() {
    on.crash("between two servers");
    on.boot_server();
  }

  machine on{1, machine::tracing::digest};
  memory_store records;
  record_checker past{on, records};
  effect_checker checker{on, records, past, duration{0}};
};

// The digest of the first source whose app is like that.
template <class Condition>
std::string source_with(Condition&& condition) {
  std::uint64_t seed = 1;
  while (!condition(plan_of_seed(seed)))
    ++seed;
  return digest_of(seed, 'a');
}

class simulated_engine_site final : public engine_site {
public:
  pawl::engine& engine() override { return engine_; }
  void restart() override {
    engine_.lose_server();
    world_.restart();
  }
  build_job job(const std::string& deployment, sample which) override {
    const auto digest = source_with([which](const app_plan& plan) {
      return plan.builds == (which != sample::build_fails) && plan.has_release &&
             plan.releases == (which != sample::release_fails);
    });
    build_job made{deployment, "shop", std::filesystem::path{"shop"} / digest, {}};
    made.settings.app = "shop";
    return made;
  }
  void end(const std::string& instance) override { engine_.die(instance); }
  void print(const std::string&, const std::vector<std::string>&) override {}

private:
  calm_machine world_;
  simulated_engine engine_{world_.on, world_.checker};
};

class simulated_router_site final : public router_site {
public:
  pawl::router& router() override { return router_; }
  void restart() override {
    router_.lose_server();
    world_.restart();
  }
  std::string app(const std::string& name) override { return name; }
  std::string ask(const lane_key& lane) override {
    const auto known = router_.routes().find(lane);
    if (known == router_.routes().end())
      return "404";
    return known->second.addresses.empty() ? "503" : known->second.addresses.front();
  }
  void kill() override { router_.die(); }

private:
  calm_machine world_;
  simulated_router router_{world_.on, world_.checker};
};

class simulated_source_site final : public source_site {
public:
  source_store& store() override { return store_; }
  void restart() override { world_.restart(); }
  sample_source source(std::uint32_t number) override {
    std::uint32_t found = 0;
    const auto digest =
        source_with([&](const app_plan& plan) { return plan.has_manifest && ++found == number; });
    return {{digest, 100, 3}, std::string(100, 'x')};
  }

private:
  calm_machine world_;
  simulated_sources store_{world_.on};
};

} // namespace

BOOST_AUTO_TEST_SUITE(simulated_world_test)

BOOST_AUTO_TEST_SUITE(simulated_engine_contract)
// Its instances print nothing, so it has no contract of logs.
const bool added = add_engine_contract([] { return std::make_unique<simulated_engine_site>(); });
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(simulated_router_contract)
const bool added = add_router_contract([] { return std::make_unique<simulated_router_site>(); });
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(simulated_source_store_contract)
const bool added =
    add_source_store_contract([] { return std::make_unique<simulated_source_site>(); });
BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
