// pawld dies while one deployment waits for another, takes its place, or is cancelled.
#include "test/faults/damaged_world.hpp"

namespace {

using namespace pawl::test;

constexpr int superseded = 7;
constexpr int cancelled = 8;

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
    world.die_at(place, {cancelled, 0}, [&] {
      clients both;
      both.push_back(world.deploy({.build = door.command()}));
      BOOST_REQUIRE(door.reached());
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
    world.die_at(place, {cancelled, 0}, [&] {
      clients both;
      both.push_back(world.deploy({.run = door.command() + "; exec perl serve.pl"}));
      BOOST_REQUIRE(door.reached());
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
        place, {0, 0},
        [&] {
          clients both;
          both.push_back(world.deploy({.build = door.command()}));
          BOOST_REQUIRE(door.reached());
          both.push_back(world.deploy({}, {"--queue"}));
          return both;
        },
        [&] {
          BOOST_REQUIRE(door.reached());
          door.open();
        });
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
      clients both;
      write_text(world.server().place() / "failpoint", "");
      both.push_back(world.deploy({.build = door.command()}));
      BOOST_REQUIRE(door.reached());
      both.push_back(world.deploy({}, {"--queue"}));
      BOOST_REQUIRE(eventually([&] {
        const auto end = world.server().pawl({"history", "-n", "1", "--json"});
        return document_of(end).at("deployments").at(0).at("state") == "queued";
      }));
      write_text(world.server().place() / "failpoint", place);
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
    world.die_at(place, {superseded, superseded, 0}, [&] {
      clients three;
      write_text(world.server().place() / "failpoint", "");
      three.push_back(world.deploy({.build = door.command()}));
      BOOST_REQUIRE(door.reached());
      three.push_back(world.deploy({}, {"--queue"}));
      BOOST_REQUIRE(eventually([&] {
        const auto end = world.server().pawl({"history", "-n", "1", "--json"});
        return document_of(end).at("deployments").at(0).at("state") == "queued";
      }));
      write_text(world.server().place() / "failpoint", place);
      three.push_back(world.deploy({}, {"--supersede"}));
      return three;
    });
  }
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
