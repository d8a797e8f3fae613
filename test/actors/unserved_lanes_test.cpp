// A cluster is taken out of the configuration: its lanes come to a stated end, and go on when it is
// back.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct unserved_fixture : actor_fixture {
  std::vector<std::string> logged;

  unserved_fixture() {
    parts->log = [this](std::string_view line) { logged.emplace_back(line); };
  }

  // The next server over the same store has these clusters.
  void restart_with(std::vector<cluster_settings> clusters) {
    end();
    parts->clusters = std::move(clusters);
    logged.clear();
    actors = spawn_server(system, parts);
    recover();
    advance(1s);
  }

  void restart_without_cluster() { restart_with({cluster_settings{.name = "moon"}}); }
  void restart_with_cluster() { restart_with({cluster_settings{}}); }

  // The one line that names the lane.
  std::string line_of_lane() const {
    std::vector<std::string> found;
    for (const auto& line : logged)
      if (line.find("lane shop/local") != std::string::npos)
        found.push_back(line);
    BOOST_TEST_REQUIRE(found.size() == 1u, fmt::format("{}", fmt::join(logged, "\n")));
    return found.front();
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(unserved_lanes, unserved_fixture)

BOOST_AUTO_TEST_CASE(what_is_unfinished_in_a_cluster_that_is_gone_fails_and_says_why) {
  hold_builds();
  auto building = deploy("r1");
  auto waiting = deploy("r2", when_busy::queue);
  auto last = deploy("r3", when_busy::queue);
  BOOST_TEST(state_of(building.id) == state::building);
  restart_without_cluster();
  for (const auto& id : {building.id, waiting.id, last.id}) {
    auto ended = record(id);
    BOOST_TEST(ended.state == state::failed);
    BOOST_REQUIRE(ended.error.has_value());
    BOOST_TEST(ended.error->code == errc::not_found);
    BOOST_TEST(has(ended.error->message, "no cluster \"local\""), ended.error->message);
    BOOST_TEST(has(ended.error->message, "put [cluster.local] back"), ended.error->message);
  }
  BOOST_TEST(path_of(waiting.id) == "queued failed");
  BOOST_TEST(records->unfinished({})->empty());
  BOOST_TEST(world->sources->open.empty());
  auto line = line_of_lane();
  for (const auto& id : {building.id, waiting.id, last.id})
    BOOST_TEST(has(line, id), line);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_was_accepted_before_the_cluster_went_ends_in_cancelled) {
  hold_builds();
  auto d = deploy("r1");
  later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_TEST(state_of(d.id) == state::cancelling);
  restart_without_cluster();
  BOOST_TEST(state_of(d.id) == state::cancelled);
  BOOST_TEST(record(d.id).error->code == errc::cancelled);
}

BOOST_AUTO_TEST_CASE(what_serves_runs_on_without_requests_and_what_runs_beside_it_is_stopped) {
  auto served = deploy("r1");
  advance(1s);
  world->probe->all_sick = true;
  auto candidate = deploy("r2");
  run();
  BOOST_TEST(state_of(candidate.id) == state::activating);
  BOOST_TEST(world->engine->instances.size() == 2u);
  restart_without_cluster();
  BOOST_TEST(state_of(candidate.id) == state::failed);
  BOOST_TEST(state_of(served.id) == state::active);
  BOOST_TEST(world->engine->instances.size() == 1u);
  BOOST_TEST(world->engine->instances.contains(served.id + "-1"));
  BOOST_TEST(world->router->routes.empty());
  auto line = line_of_lane();
  BOOST_TEST(has(line, served.id + "-1"), line);
  BOOST_TEST(has(line, "without requests"), line);
  // Nothing keeps it up, and no actor stays for it.
  auto before = running();
  advance(limits::lane_idle + 1s);
  BOOST_TEST(running() == before - 1);
  world->engine->kill(served.id + "-1");
  advance(limits::restart_backoff_max);
  BOOST_TEST(world->engine->instances.at(served.id + "-1").state == instance_state::exited);
}

BOOST_AUTO_TEST_CASE(of_several_engines_the_one_that_the_version_is_of_stops_what_is_left) {
  parts->engines["docker"] = std::make_shared<fake_engine>();
  deploy("r1");
  advance(1s);
  world->probe->all_sick = true;
  auto candidate = deploy("r2");
  run();
  BOOST_TEST(world->engine->instances.size() == 2u);
  restart_without_cluster();
  BOOST_TEST(state_of(candidate.id) == state::failed);
  BOOST_TEST(world->engine->instances.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_lane_goes_on_with_what_runs_when_its_cluster_is_back) {
  auto served = deploy("r1");
  advance(1s);
  const auto starts = world->engine->calls;
  restart_without_cluster();
  restart_with_cluster();
  auto to = world->router->routes.at({"shop", "local"});
  BOOST_TEST(to.deployment == served.id);
  BOOST_TEST(to.addresses.size() == 1u);
  BOOST_TEST(world->engine->calls == starts); // the same instance
  auto next = deploy("r2");
  advance(1s);
  BOOST_TEST(state_of(next.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_cluster_whose_engine_is_not_there_is_as_one_that_is_not_configured) {
  hold_builds();
  auto d = deploy("r1");
  restart_with({cluster_settings{.engine = "docker"}, cluster_settings{.name = "moon"}});
  auto ended = record(d.id);
  BOOST_TEST(ended.state == state::failed);
  BOOST_TEST(has(ended.error->message, "engine \"docker\""), ended.error->message);
  auto asked = ask<result<lane_requests_actor>>(actors.supervisor, find_lane{{"shop", "local"}});
  BOOST_REQUIRE(!asked.has_value());
  BOOST_TEST(asked.error().code == errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_full_disk_delays_the_end_of_what_is_unfinished) {
  hold_builds();
  auto d = deploy("r1");
  end();
  const error full{errc::resource_exhausted, "full", {}};
  records->fail_next_commit(full);
  parts->log = [this, full](std::string_view line) { // of a commit that the start can do without
    if (line.find("host names") != std::string_view::npos)
      records->fail_next_commit(full);
  };
  parts->clusters = {cluster_settings{.name = "moon"}};
  actors = spawn_server(system, parts);
  recover();
  BOOST_TEST(state_of(d.id) == state::building);
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::failed);
}

BOOST_AUTO_TEST_SUITE_END()
