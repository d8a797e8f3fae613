// A lane that keeps what it has replaced warm.
#pragma once

#include "test/actors/actor_fixture.hpp"
#include "test/support/journal_events.hpp"

namespace pawl::test {

struct warm_fixture : actor_fixture {
  warm_fixture() {
    cluster().warm = limits::warm;
    cluster().watch_period = {};
  }

  cluster_settings& cluster() { return parts->clusters.front(); }

  bool runs(const std::string& name) const {
    auto found = world->engine->instances.find(name);
    return found != world->engine->instances.end() &&
           found->second.state == instance_state::running;
  }

  std::string address_of(const std::string& name) const {
    return world->engine->instances.at(name).address;
  }

  deployment live() const { return record(records->lane({"shop", "local"})->active.value()); }

  route routed() const { return world->router->routes.at({"shop", "local"}); }

  std::ptrdiff_t calls(const std::string& what) const {
    return std::count(world->engine->calls.begin(), world->engine->calls.end(), what);
  }

  deployment go_live(const std::string& request_id) {
    auto d = deploy(request_id);
    advance(std::chrono::seconds{1});
    BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
    return record(d.id);
  }

  deployment roll_back(const std::string& request_id) {
    auto answer = ask<result<admitted>>(
        lane(), start_release{operation::rollback, request_id, {}, {}, {}, "ann"});
    BOOST_REQUIRE(answer.has_value());
    return answer->deployment;
  }

  std::vector<protocol::instance_view> views() {
    return ask<protocol::lane_view>(lane(), describe_lane{}).instances;
  }

  void make_sick(const deployment& d) { world->probe->sick.insert(address_of(d.id + "-1")); }

  void checks(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
      advance(limits::health_interval);
  }

  void past_drain() { advance(limits::drain + std::chrono::seconds{1}); }
};

} // namespace pawl::test
