// The contract of routers, run over HAProxy, over the router of kind "none", which has only a part
// of it, and over the fake of the actors' tests. The simulation's router is in
// test/simulation/simulated_world_test.cpp.
#include "test/routers/router_contract.hpp"

#include "routers/direct/direct_router.hpp"
#include "test/routers/haproxy_fixture.hpp"
#include "test/support/fake_world.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

class haproxy_site final : public router_site {
public:
  pawl::router& router() override { return *routed_.router; }
  void restart() override { routed_.router = std::make_unique<haproxy_router>(routed_.options); }

  std::string app(const std::string& name) override {
    auto& server = apps_[name];
    if (!server)
      server = std::make_unique<http_server>(name);
    return server->address();
  }

  std::string ask(const lane_key& lane) override {
    const auto answer = routed_.ask(lane.app + ".localhost");
    return answer.starts_with("200 ") ? answer.substr(4) : answer.substr(0, 3);
  }

  void kill() override { routed_.kill_9(); }

private:
  std::map<std::string, std::unique_ptr<http_server>> apps_;
  routed routed_;
};

class fake_router_site final : public router_site {
public:
  pawl::router& router() override { return router_; }
  void restart() override { router_.on_death = nullptr; }

  std::string app(const std::string& name) override { return name; }

  std::string ask(const lane_key& lane) override {
    const auto known = router_.routes.find(lane);
    if (known == router_.routes.end())
      return "404";
    return known->second.addresses.empty() ? "503" : known->second.addresses.front();
  }

  void kill() override {
    router_.routes.clear();
    router_.on_death();
  }

private:
  fake_router router_;
};

class direct_site final : public router_site {
public:
  pawl::router& router() override { return router_; }
  void restart() override {}
  std::string app(const std::string& name) override { return name; }
  std::string ask(const lane_key&) override { return "404"; }
  void kill() override {}

private:
  direct_router router_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(haproxy_router_contract)

const bool added = add_router_contract([] { return std::make_unique<haproxy_site>(); });

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fake_router_contract)

const bool added = add_router_contract([] { return std::make_unique<fake_router_site>(); });

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(direct_router_contract)

// It sends no requests anywhere.
const bool added = add_router_contract(
    [] { return std::make_unique<direct_site>(); },
    {"its_routes_are_those_that_were_restored",
     "a_switch_leads_to_the_new_instances_and_leaves_other_lanes",
     "a_switch_makes_a_route_where_there_was_none", "a_route_without_addresses_answers_503",
     "forgetting_an_earlier_deployment_leaves_the_route", "letting_clients_go_leaves_the_route",
     "a_deployment_that_has_the_route_is_not_forgotten", "routes_outlive_the_server",
     "each_lane_has_urls_of_its_own_that_stay",
     "a_death_is_told_and_restore_brings_the_routes_back",
     "a_router_that_was_stopped_is_restored"});

BOOST_AUTO_TEST_SUITE_END()
