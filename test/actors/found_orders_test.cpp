// Orders of events that seeds of the simulation found: each without chance, and by its name.
#include "actors/workers/route_keeper.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

#include <caf/local_actor.hpp>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct orders_fixture : actor_fixture {
  std::optional<switch_route> held_switch;

  // Stands for a keeper that is busy with a router that is being restarted: it takes switches, and
  // comes to them when the test says so.
  route_keeper_actor busy_keeper() {
    return caf::actor_cast<route_keeper_actor>(
        system.spawn([this](caf::event_based_actor* it) -> caf::behavior {
          it->set_default_handler(caf::skip);
          return {[this, it](const switch_route& wanted) {
            held_switch = wanted;
            return it->make_response_promise(); // and never keeps it
          }};
        }));
  }

  // As chance may have it: the store's writer does not get its turn.
  void run_without_the_writer() {
    auto& jobs = scheduler.jobs;
    auto is_writer = [](caf::resumable* job) {
      const auto* actor = dynamic_cast<caf::local_actor*>(job);
      return actor != nullptr && std::string_view{actor->name()} == "store_writer";
    };
    for (;;) {
      auto next = std::find_if_not(jobs.begin(), jobs.end(), is_writer);
      if (next == jobs.end())
        return;
      std::rotate(jobs.begin(), next, next + 1);
      scheduler.run_once();
    }
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(found_orders, orders_fixture)

// Seed 5077: what had failed got the traffic.
BOOST_AUTO_TEST_CASE(a_switch_that_waits_at_the_keeper_ends_with_its_deployment) {
  own_lane([this](lane_parts& made) { made.routes = busy_keeper(); });
  auto d = deploy("r1");
  advance(1s);
  BOOST_REQUIRE(held_switch.has_value());
  advance(limits::switch_timeout + 1s);
  BOOST_TEST_REQUIRE(state_of(d.id) == state::failed);
  auto late = ask<result<done>>(actors.routes, *held_switch);
  BOOST_TEST(!late.has_value());
  BOOST_TEST(world->router->switches.empty());
}

// Seeds 2176 and 5634: the last bytes reached the disk when the lane that was told of them had
// died, and its successor waited for a client that had been told that all was there.
BOOST_AUTO_TEST_CASE(a_source_that_nobody_told_of_is_found_before_it_is_given_up) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  caf::anon_send_exit(lane(), caf::exit_reason::kill);
  run();
  advance(1s); // the successor has looked, and not all was there
  world->sources->open.at(how->deployment.id).offset = how->upload_bytes;
  advance(limits::upload_timeout + 1s);
  advance(1s);
  BOOST_TEST(state_of(how->deployment.id) == state::active);
}

// A lane that was killed while its first commit was slow came back before that was in the store: it
// did not know of its own deployment.
BOOST_AUTO_TEST_CASE(a_lane_that_is_brought_back_knows_what_its_predecessor_had_sent_to_the_store) {
  auto whom = lane();
  auto pending = self->request(whom, 3600s, request("r1"));
  run_without_the_writer();
  caf::anon_send_exit(whom, caf::exit_reason::kill);
  run_without_the_writer();
  scheduler.advance_time(limits::restart_backoff_first);
  run_without_the_writer();
  run();
  pending.receive([](const result<admitted>&) {}, [](const caf::error&) {});
  auto view = ask<protocol::lane_view>(lane(), describe_lane{});
  BOOST_REQUIRE(view.in_flight.has_value());
  BOOST_TEST(state_of(view.in_flight->id) == state::preparing);
}

BOOST_AUTO_TEST_SUITE_END()
