// Two lanes that want one host name: a request is refused, a start never.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

const lane_key long_app{"a-b", "local"};
const lane_key in_b{"a", "b"};
const std::string shared_name = "a-b.localhost";

struct names_fixture : actor_fixture {
  std::vector<std::string> logged;

  names_fixture() {
    parts->clusters = {cluster_settings{}, cluster_settings{.name = "b"}};
    parts->log = [this](std::string_view line) { logged.emplace_back(line); };
  }

  result<admitted> try_deploy(const lane_key& to, const std::string& request_id) {
    auto what = request(request_id);
    what.request.app = to.app;
    what.request.cluster = to.cluster;
    auto how = ask<result<admitted>>(lane(to.app, to.cluster), what);
    if (how) {
      send_source(*how);
      advance(1s);
    }
    return how;
  }

  std::string deploy_to(const lane_key& to, const std::string& request_id) {
    auto how = try_deploy(to, request_id);
    BOOST_REQUIRE(how.has_value());
    BOOST_TEST(state_of(how->deployment.id) == state::active);
    return how->deployment.id;
  }

  bool is_routed(const lane_key& to) const { return world->router->routes.contains(to); }

  // A store in which both lanes serve, and no name is claimed: as one that an older server wrote.
  void serve_both_without_claims() {
    deploy_to(long_app, "r1");
    BOOST_REQUIRE(records->commit(std::vector<change>{{.released_hosts = {shared_name}}})
                      .front()
                      .has_value());
    deploy_to(in_b, "r2");
    BOOST_REQUIRE(records->commit(std::vector<change>{{.released_hosts = {shared_name}}})
                      .front()
                      .has_value());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(host_names_of_lanes, names_fixture)

BOOST_AUTO_TEST_CASE(a_deploy_to_a_name_that_another_lane_has_is_refused) {
  deploy_to(long_app, "r1");
  auto refused = try_deploy(in_b, "r2");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == errc::invalid_argument);
  BOOST_TEST(refused.error().message.find(shared_name) != std::string::npos);
  BOOST_TEST(records->unfinished(in_b)->empty());
  BOOST_TEST(world->sources->open.empty());
}

// The router has nothing of an owner whose instances have ended.
BOOST_AUTO_TEST_CASE(an_owner_whose_instances_crash_keeps_its_name) {
  auto owner = deploy_to(long_app, "r1");
  world->engine->failures["start"] = {errc::unavailable, "not now", {}};
  world->engine->kill(owner + "-1");
  advance(1s);
  BOOST_TEST(!try_deploy(in_b, "r2").has_value());
  restart();
  BOOST_TEST(!try_deploy(in_b, "r3").has_value());
  BOOST_TEST(records->holder_of(shared_name)->value() == long_app);
}

BOOST_AUTO_TEST_CASE(a_start_over_two_lanes_with_one_name_goes_on_and_says_who_has_it) {
  serve_both_without_claims();
  restart();
  BOOST_TEST(is_routed(in_b)); // the first in order
  BOOST_TEST(!is_routed(long_app));
  BOOST_TEST(records->holder_of(shared_name)->value() == in_b);
  BOOST_TEST(world->engine->instances.size() == 2u);
  BOOST_TEST(std::count_if(logged.begin(), logged.end(), [](const std::string& line) {
               return line.find("lane a-b/local gets no requests") != std::string::npos &&
                      line.find(shared_name) != std::string::npos;
             }) == 1);
  auto refused = try_deploy(long_app, "r3");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().details.at("app") == "a");
  // The next start finds it settled.
  restart();
  BOOST_TEST(is_routed(in_b));
  BOOST_TEST(!is_routed(long_app));
}

BOOST_AUTO_TEST_CASE(a_lane_without_its_name_takes_no_route_when_an_instance_comes_back) {
  serve_both_without_claims();
  restart();
  auto nameless = records->lane(long_app)->active.value();
  world->engine->kill(nameless + "-1");
  advance(1s);
  advance(1s);
  BOOST_TEST(world->engine->instances.at(nameless + "-1").state == instance_state::running);
  BOOST_TEST(!is_routed(long_app));
  BOOST_TEST(is_routed(in_b));
}

BOOST_AUTO_TEST_CASE(names_are_claimed_anew_when_the_configuration_gives_others) {
  deploy_to(long_app, "r1");
  end();
  parts->clusters = {cluster_settings{.name = "b"}}; // and with the cluster its lane's claim goes
  actors = spawn_server(system, parts);
  recover();
  BOOST_TEST(!records->holder_of(shared_name)->has_value());
  deploy_to(in_b, "r2");
  end();
  parts->clusters = {cluster_settings{}, cluster_settings{.name = "b"}};
  actors = spawn_server(system, parts);
  recover();
  BOOST_TEST(records->holder_of(shared_name)->value() == in_b);
  BOOST_TEST(!is_routed(long_app));
}

BOOST_AUTO_TEST_CASE(a_start_goes_on_when_the_names_cannot_be_stored) {
  serve_both_without_claims();
  end();
  records->fail_next_commit({errc::internal, "the disk is strange", {}});
  actors = spawn_server(system, parts);
  recover();
  BOOST_TEST(is_routed(in_b));
  BOOST_TEST(!is_routed(long_app));
}

BOOST_AUTO_TEST_SUITE_END()
