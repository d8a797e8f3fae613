// pawld dies while one deployment waits for another, takes its place, or is cancelled.
#include "test/faults/damaged_world.hpp"

namespace {

using namespace pawl::test;

} // namespace

BOOST_AUTO_TEST_SUITE(queues_test)

// Fault: F1 F23; hits: pawld; at: building cancelling; holds: I1 I2 I3 I4 I5 I6 I7 I8.
BOOST_AUTO_TEST_CASE(a_cancelled_build_is_cancelled_from_every_step) {
  damaged_world world;
  auto all = places("commit", {"cancelling", "cancelled"});
  for (const auto& place : places("effect", {"discard"}))
    all.push_back(place);
  for (const auto& place : all) {
    gate door;
    world.die_at(place, {exits::cancelled, 0}, [&] {
      auto both = one(world.deploy_to(door));
      both.push_back(world.server().begin({"cancel", world.in_flight()}));
      return both;
    });
  }
  world.finish();
}

// I7: what was cancelled never gets traffic.
// Fault: F1 F23; hits: pawld; at: activating cancelling; holds: I1 I2 I3 I4 I5 I6 I7 I8.
BOOST_AUTO_TEST_CASE(a_cancelled_activation_is_cancelled_from_every_step) {
  damaged_world world;
  auto all = places("commit", {"cancelling", "cancelled"});
  for (const auto& place : places("effect", {"stop", "discard"}))
    all.push_back(place);
  for (const auto& place : all) {
    gate door;
    world.die_at(place, {exits::cancelled, 0}, [&] {
      auto both = one(world.deploy_to(door, {.run = door.command() + "; exec perl serve.pl"}));
      both.push_back(world.server().begin({"cancel", world.in_flight()}));
      return both;
    });
  }
  world.finish();
}

// Fault: F1; hits: pawld; at: request queued; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(what_waits_has_its_turn) {
  damaged_world world;
  for (const auto& place : places("commit", {"queued"})) {
    gate door;
    world.die_at(
        place, {0, 0}, [&] { return world.deploy_behind(door, {"--queue"}); },
        [&] { let_through(door); });
  }
  world.finish();
}

// The place is reached by the second deployment, when the first has made room.
// Fault: F1; hits: pawld; at: queued preparing active; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(the_turn_comes_once) {
  damaged_world world;
  for (const auto& place : places("commit", {"preparing", "active"})) {
    gate door;
    world.die_at(place, {0, 0}, [&] {
      auto both = one(world.deploy_to(door));
      both.push_back(world.deploy_queued());
      door.open();
      return both;
    });
  }
  world.finish();
}

// Fault: F1; hits: pawld; at: request queued cancelling; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(the_newest_takes_the_place_of_all_before_it) {
  damaged_world world;
  auto all = places("commit", {"queued", "cancelled"});
  for (const auto& place : all) {
    gate door;
    world.die_at(place, {exits::superseded, exits::superseded, 0}, [&] {
      auto three = one(world.deploy_to(door));
      three.push_back(world.deploy_queued());
      three.push_back(world.deploy({}, {"--supersede"}));
      return three;
    });
  }
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
