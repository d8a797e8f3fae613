// The system has no thread for a worker: new work is refused, what is in flight fails and says why,
// and what has to be done is done when there are threads again.
#include "actors/runtime/own_thread.hpp"

#include "actors/workers/health_checker.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct threadless_fixture : actor_fixture {
  bool exhausted = false;

  result<source_worker_actor> refuse_source() { return no_process_left("start a thread"); }

  template <class Worker>
  Worker absent() {
    return present_or_absent<Worker>(system, no_process_left("start a thread"));
  }

  // A lane whose workers get no thread while `exhausted`.
  void limit_threads() {
    own_lane([this](lane_parts& made) {
      made.make_source_worker = [this,
                                 make = made.make_source_worker](const lane_reports_actor& owner) {
        return exhausted ? refuse_source() : make(owner);
      };
      made.make_build_worker = [this, make = made.make_build_worker] {
        return exhausted ? absent<build_worker_actor>() : make();
      };
      made.make_caller = [this, make = made.make_caller] {
        return exhausted ? absent<engine_caller_actor>() : make();
      };
      made.make_activation_worker = [this,
                                     caller = made.make_caller](const lane_reports_actor& owner) {
        return system.spawn(activation_worker, caller, exit_watch{[](auto&&...) {}}, owner);
      };
      made.make_health_checker = [this,
                                  caller = made.make_caller](const lane_reports_actor& owner) {
        return system.spawn(health_checker, caller, owner);
      };
    });
  }

  std::size_t calls(const std::string& what) const {
    const auto& all = world->engine->calls;
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), what));
  }

  errc failure_of(const std::string& id) const {
    auto d = record(id);
    BOOST_TEST_REQUIRE(d.state == state::failed);
    return d.error->code;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(own_thread_test, threadless_fixture)

BOOST_AUTO_TEST_CASE(a_deployment_whose_source_nobody_could_receive_is_refused_and_not_stored) {
  limit_threads();
  exhausted = true;
  auto before = running();
  auto how = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(!how.has_value());
  BOOST_TEST(how.error().code == errc::resource_exhausted);
  BOOST_TEST(how.error().message.find("LimitNPROC=") != std::string::npos);
  BOOST_TEST(records->history({})->deployments.empty());
  BOOST_TEST(running() == before);
  exhausted = false;
  BOOST_TEST(state_of(deploy("r1").id) == state::activating);
}

BOOST_AUTO_TEST_CASE(a_step_without_a_thread_fails_its_deployment_with_the_reason) {
  limit_threads();
  auto how = ask<result<admitted>>(lane(), request("r1"));
  exhausted = true;
  send_source(*how);
  run();
  BOOST_TEST(failure_of(how->deployment.id) == errc::resource_exhausted);
  auto discarded = calls("discard " + how->deployment.id);
  BOOST_TEST(discarded == 0U);
  exhausted = false;
  advance(1min);
  BOOST_TEST(calls("discard " + how->deployment.id) == 1U); // what it left, when somebody can
}

BOOST_AUTO_TEST_CASE(an_activation_without_a_thread_fails_and_its_instances_are_stopped_later) {
  limit_threads();
  auto d = deploy("r1");
  BOOST_TEST_REQUIRE(state_of(d.id) == state::activating);
  world->engine->instances.clear();
  end();
  actors = spawn_server(system, parts);
  exhausted = true;
  limit_threads();
  run();
  BOOST_TEST(failure_of(d.id) == errc::resource_exhausted);
  BOOST_TEST(calls("stop " + d.id + "-1") == 0U);
  exhausted = false;
  advance(1min);
  BOOST_TEST(calls("stop " + d.id + "-1") == 1U);
}

BOOST_AUTO_TEST_CASE(a_check_without_a_thread_does_not_make_a_version_unhealthy) {
  limit_threads();
  deploy("r1");
  advance(1s);
  auto second = deploy("r2");
  exhausted = true;
  for (int i = 0; i < 20; ++i)
    advance(limits::health_interval);
  exhausted = false;
  advance(1s);
  BOOST_TEST(state_of(second.id) == state::active);
  BOOST_TEST(records->history({})->deployments.size() == 2U);
  auto view = ask<protocol::lane_view>(lane(), describe_lane{});
  BOOST_TEST(view.instances.front().state == "running");
}

BOOST_AUTO_TEST_SUITE_END()
