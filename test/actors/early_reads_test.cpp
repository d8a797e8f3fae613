// A server that has begun answers what the store can answer, before the engine and the router do.
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

struct early_fixture : session_fixture {
  std::string serving;

  // A server that has just begun over a store with a past, and has not recovered.
  early_fixture() {
    serving = deploy_over_wire("r1").id;
    advance(std::chrono::seconds{2});
    BOOST_TEST_REQUIRE(state_of(serving) == state::active);
    disconnect();
    end();
    actors = spawn_server(system, parts);
    connect();
    say(1, protocol::hello{protocol::version, "pawl 0.1.0", {}});
    client->frames.clear();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(early_reads, early_fixture)

BOOST_AUTO_TEST_CASE(what_the_store_knows_is_answered_before_the_recovery) {
  auto history = get<protocol::history_list>(protocol::history_request{});
  BOOST_TEST(history.deployments.size() == 1u);
  BOOST_TEST(get<protocol::shown>(protocol::show_request{serving}).deployment.id == serving);
  say(7, protocol::follow_request{serving, 1, limits::event_credit});
  last<protocol::followed>();
}

// Absence is not known before: it would say that nothing runs.
BOOST_AUTO_TEST_CASE(what_a_lane_has_to_say_waits_for_the_recovery) {
  say(7, protocol::status_request{});
  BOOST_TEST(client->frames.empty());
  recover();
  run();
  BOOST_REQUIRE(!client->frames.empty());
  const auto* lanes = std::get_if<protocol::lane_list>(&client->frames.front().body);
  BOOST_REQUIRE(lanes != nullptr);
  BOOST_REQUIRE(lanes->lanes.size() == 1u);
  BOOST_TEST(lanes->lanes.front().instances.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
