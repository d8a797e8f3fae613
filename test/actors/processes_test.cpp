// Apps of several processes: how they are activated, kept up, scaled, stopped, started, restarted
// and replaced.
#include "actors/lane/lane_core.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

using answered = result<protocol::process_list>;

struct processes_fixture : actor_fixture {
  processes_fixture() {
    world->manifest_answer->processes = {{"worker", "./work"}};
    world->manifest_answer->processes.front().settle = 2s;
  }

  // Deploys, and lets web pass its checks and the workers settle.
  deployment go_live(const std::string& request_id) {
    auto d = deploy(request_id);
    advance(1s);
    advance(2s);
    BOOST_REQUIRE(state_of(d.id) == state::active);
    return d;
  }

  bool runs(const std::string& name) const {
    auto found = world->engine->instances.find(name);
    return found != world->engine->instances.end() &&
           found->second.state == instance_state::running;
  }

  std::size_t count(const std::string& call) const {
    const auto& calls = world->engine->calls;
    return static_cast<std::size_t>(std::count(calls.begin(), calls.end(), call));
  }

  std::vector<std::string> routed() const {
    return world->router->routes.at({"shop", "local"}).addresses;
  }

  lane_record of_lane() const { return *records->lane({"shop", "local"}); }

  answered scale(process_counts counts) {
    return ask<answered>(lane(), scale_lane{std::move(counts)});
  }

  std::string counts_of_view() {
    std::string text;
    const auto list = ask<answered>(lane(), describe_processes{});
    BOOST_REQUIRE(list.has_value());
    for (const auto& one : list->processes)
      text += fmt::format("{}={}/{} ", one.process, one.running, one.instances);
    return text;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(processes, processes_fixture)

BOOST_AUTO_TEST_CASE(all_processes_start_and_only_web_gets_requests) {
  auto d = go_live("r1");
  BOOST_TEST(runs(d.id + "-1"));
  BOOST_TEST(runs(d.id + "-worker-1"));
  BOOST_TEST(routed().size() == 1u);
  BOOST_TEST(routed().front() == world->engine->instances.at(d.id + "-1").address);
}

BOOST_AUTO_TEST_CASE(the_traffic_waits_until_the_workers_have_settled) {
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::activating);
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_worker_that_exits_before_it_has_settled_fails_the_deployment) {
  auto before = go_live("r1");
  auto d = deploy("r2");
  advance(1s);
  world->engine->kill(d.id + "-worker-1", 3);
  run();
  BOOST_TEST(state_of(d.id) == state::failed);
  BOOST_TEST(to_string(record(d.id).error->code) == "unhealthy");
  BOOST_TEST(record(d.id).error->details.at("instance") == d.id + "-worker-1");
  BOOST_TEST(record(d.id).error->details.at("log") == "last words of " + d.id + "-worker-1");
  BOOST_TEST(runs(before.id + "-worker-1"));
  BOOST_TEST(count("stop " + before.id + "-worker-1") == 0u);
}

BOOST_AUTO_TEST_CASE(the_old_workers_stop_when_the_switch_is_confirmed_and_web_after_its_drain) {
  auto before = go_live("r1");
  auto d = go_live("r2");
  BOOST_TEST(!runs(before.id + "-worker-1"));
  BOOST_TEST(runs(before.id + "-1"));
  advance(limits::drain);
  BOOST_TEST(!runs(before.id + "-1"));
  BOOST_TEST(runs(d.id + "-worker-1"));
}

BOOST_AUTO_TEST_CASE(a_worker_that_exits_later_is_started_again) {
  auto d = go_live("r1");
  world->engine->kill(d.id + "-worker-1", 1);
  run();
  BOOST_TEST(counts_of_view() == "web=1/1 worker=0/1 ");
  advance(limits::restart_backoff_first);
  advance(2s);
  BOOST_TEST(counts_of_view() == "web=1/1 worker=1/1 ");
  BOOST_TEST(routed().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_app_without_web_has_no_route_and_no_url) {
  world->manifest_answer->run.command.clear();
  auto d = go_live("r1");
  BOOST_TEST(runs(d.id + "-worker-1"));
  BOOST_TEST(!runs(d.id + "-1"));
  BOOST_TEST(record(d.id).urls.empty());
  BOOST_TEST(routed().empty());
}

BOOST_AUTO_TEST_CASE(an_app_with_workers_is_not_kept_warm) {
  parts->clusters.front().warm = limits::warm;
  auto before = go_live("r1");
  go_live("r2");
  advance(limits::drain);
  BOOST_TEST(!runs(before.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_scale_starts_and_drains_only_the_difference) {
  auto d = go_live("r1");
  BOOST_REQUIRE(scale({{"web", 3}, {"worker", 2}}).has_value());
  advance(1s);
  advance(2s);
  BOOST_TEST(counts_of_view() == "web=3/3 worker=2/2 ");
  BOOST_TEST(routed().size() == 3u);
  BOOST_TEST(count("start " + d.id + "-1") == 1u);
  BOOST_REQUIRE(scale({{"web", 1}, {"worker", 0}}).has_value());
  run();
  BOOST_TEST(routed().size() == 1u);
  BOOST_TEST(runs(d.id + "-3"));
  advance(0s);
  BOOST_TEST(!runs(d.id + "-worker-1"));
  advance(limits::drain);
  BOOST_TEST(!runs(d.id + "-3"));
  BOOST_TEST(runs(d.id + "-1"));
  BOOST_TEST(count("stop " + d.id + "-1") == 0u);
}

BOOST_AUTO_TEST_CASE(counts_stay_over_deployments_and_restarts_of_the_server) {
  go_live("r1");
  BOOST_REQUIRE(scale({{"worker", 2}}).has_value());
  advance(2s);
  restart();
  auto d = go_live("r2");
  BOOST_TEST(runs(d.id + "-worker-2"));
  BOOST_TEST(counts_of_view() == "web=1/1 worker=2/2 ");
}

BOOST_AUTO_TEST_CASE(an_instance_that_is_wanted_again_is_not_stopped) {
  auto d = go_live("r1");
  BOOST_REQUIRE(scale({{"web", 2}}).has_value());
  advance(1s);
  BOOST_REQUIRE(scale({{"web", 1}}).has_value());
  BOOST_REQUIRE(scale({{"web", 2}}).has_value());
  advance(1s);
  advance(limits::drain);
  BOOST_TEST(count("stop " + d.id + "-2") == 0u);
  BOOST_TEST(counts_of_view() == "web=2/2 worker=1/1 ");
}

BOOST_AUTO_TEST_CASE(a_server_that_died_in_a_scale_stops_what_is_too_many) {
  auto d = go_live("r1");
  BOOST_REQUIRE(scale({{"web", 2}}).has_value());
  advance(1s);
  BOOST_REQUIRE(scale({{"web", 1}}).has_value());
  restart();
  BOOST_TEST(routed().size() == 1u);
  advance(limits::retry_pause);
  BOOST_TEST(!runs(d.id + "-2"));
  BOOST_TEST(runs(d.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_scale_of_an_unknown_process_names_the_nearest_and_changes_nothing) {
  go_live("r1");
  auto refused = scale({{"web", 2}, {"wroker", 2}});
  BOOST_REQUIRE(!refused);
  BOOST_TEST(to_string(refused.error().code) == "invalid_argument");
  BOOST_TEST(refused.error().message.find("did you mean worker?") != std::string::npos,
             refused.error().message);
  BOOST_TEST(of_lane().counts.empty());
  BOOST_TEST(!scale({{"web", 60}, {"worker", 60}}));
  BOOST_TEST(of_lane().counts.empty());
}

BOOST_AUTO_TEST_CASE(a_scale_beside_a_deployment_is_refused) {
  go_live("r1");
  deploy("r2");
  auto refused = scale({{"web", 2}});
  BOOST_REQUIRE(!refused);
  BOOST_TEST(to_string(refused.error().code) == "in_flight");
}

BOOST_AUTO_TEST_CASE(a_stopped_lane_has_no_instances_until_it_is_started) {
  auto d = go_live("r1");
  BOOST_REQUIRE(ask<answered>(lane(), stop_lane{}).has_value());
  BOOST_TEST(!runs(d.id + "-1"));
  BOOST_TEST(!runs(d.id + "-worker-1"));
  BOOST_TEST(routed().empty());
  restart();
  advance(1min);
  BOOST_TEST(!runs(d.id + "-1"));
  BOOST_TEST(routed().empty());
  BOOST_REQUIRE(ask<answered>(lane(), start_lane{}).has_value());
  advance(1s);
  advance(2s);
  BOOST_TEST(counts_of_view() == "web=1/1 worker=1/1 ");
  BOOST_TEST(routed().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_deploy_starts_a_stopped_lane) {
  go_live("r1");
  BOOST_REQUIRE(ask<answered>(lane(), stop_lane{}).has_value());
  go_live("r2");
  BOOST_TEST(!of_lane().stopped_at);
  BOOST_TEST(counts_of_view() == "web=1/1 worker=1/1 ");
}

BOOST_AUTO_TEST_CASE(a_restart_is_a_deployment_of_the_same_version) {
  auto before = go_live("r1");
  start_release again;
  again.op = operation::configure;
  again.request_id = "again";
  auto how = ask<result<admitted>>(lane(), again);
  BOOST_REQUIRE(how.has_value());
  advance(1s);
  advance(2s);
  auto d = record(how->deployment.id);
  BOOST_TEST(d.state == state::active);
  BOOST_TEST(to_string(d.operation) == "configure");
  BOOST_TEST(to_string(*d.version) == to_string(*record(before.id).version));
  BOOST_TEST(state_of(before.id) == state::retired);
  BOOST_TEST(runs(d.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_restart_of_a_worker_leaves_web_alone) {
  auto d = go_live("r1");
  BOOST_REQUIRE(ask<answered>(lane(), restart_process{"worker"}).has_value());
  advance(2s);
  BOOST_TEST(count("stop " + d.id + "-worker-1") == 1u);
  BOOST_TEST(counts_of_view() == "web=1/1 worker=1/1 ");
  BOOST_TEST(count("start " + d.id + "-1") == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct replacing_fixture : processes_fixture {
  replacing_fixture() { world->manifest_answer->deploy.replaces = true; }

  // The places of two calls of the engine; each was made once.
  bool comes_before(const std::string& first, const std::string& second) const {
    const auto& calls = world->engine->calls;
    auto at = std::find(calls.begin(), calls.end(), first);
    return at != calls.end() && std::find(at, calls.end(), second) != calls.end();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(replacing, replacing_fixture)

BOOST_AUTO_TEST_CASE(the_old_instances_stop_before_the_new_ones_start) {
  auto before = go_live("r1");
  auto d = go_live("r2");
  for (const auto* name : {"-1", "-worker-1"}) {
    BOOST_TEST(comes_before("stop " + before.id + name, "start " + d.id + "-1"));
    BOOST_TEST(count("start " + before.id + name) == 1u);
  }
  BOOST_TEST(routed().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_old_instances_start_again_when_the_new_ones_failed_and_are_gone) {
  auto before = go_live("r1");
  auto d = deploy("r2");
  advance(1s);
  BOOST_TEST(!runs(before.id + "-1"));
  BOOST_TEST(routed().empty());
  world->engine->kill(d.id + "-worker-1", 3);
  run();
  BOOST_TEST(state_of(d.id) == state::failed);
  advance(1s);
  advance(2s);
  BOOST_TEST(runs(before.id + "-1"));
  BOOST_TEST(runs(before.id + "-worker-1"));
  BOOST_TEST(!runs(d.id + "-1"));
  BOOST_TEST(comes_before("stop " + d.id + "-1", "start " + before.id + "-1"));
  BOOST_TEST(routed().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_server_that_died_between_old_and_new_goes_on_with_the_new) {
  auto before = go_live("r1");
  auto d = deploy("r2");
  advance(1s);
  restart();
  BOOST_TEST(!runs(before.id + "-1"));
  advance(1s);
  advance(2s);
  BOOST_TEST(state_of(d.id) == state::active);
  BOOST_TEST(count("start " + before.id + "-1") == 1u);
}

BOOST_AUTO_TEST_CASE(a_cancel_brings_the_old_instances_back) {
  auto before = go_live("r1");
  auto d = deploy("r2");
  advance(1s);
  BOOST_REQUIRE(ask<result<deployment>>(lane(), cancel_deployment{d.id, "ann"}).has_value());
  advance(1s);
  advance(2s);
  BOOST_TEST(state_of(d.id) == state::cancelled);
  BOOST_TEST(runs(before.id + "-1"));
  BOOST_TEST(!runs(d.id + "-1"));
  BOOST_TEST(routed().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
