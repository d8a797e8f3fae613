// pawld dies around the answer to each kind of request: the client has heard of it, or has not.
#include "test/faults/damaged_world.hpp"

namespace {

using namespace pawl::test;

std::vector<std::string> accepted_places() {
  return places("answer", {"accepted"});
}

} // namespace

BOOST_AUTO_TEST_SUITE(answers_test)

// Fault: F1; hits: pawld; at: request preparing active; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(a_deploy_goes_on_from_every_answer) {
  damaged_world world;
  for (const auto& place : places("answer", {"accepted", "upload_progress", "followed"}))
    world.die_at(place, {0}, [&] { return one(world.deploy()); });
  world.finish();
}

// Fault: F1 F24; hits: pawld; at: request; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(a_rollback_goes_on_from_its_answer) {
  damaged_world world;
  for (const auto& place : accepted_places())
    world.die_at(place, {0}, [&] {
      return one(world.server().begin(
          {"rollback", world.other_version("local"), "-a", "shop", "-C", "local"}));
    });
  world.finish();
}

// Fault: F1; hits: pawld; at: request; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(a_promotion_goes_on_from_its_answer) {
  damaged_world world;
  check_exit(world.server().pawl({"promote", "v1", "-a", "shop", "--to", "staging"}), 0);
  for (const auto& place : accepted_places())
    world.die_at(place, {0}, [&] {
      return one(world.server().begin(
          {"promote", world.other_version("staging"), "-a", "shop", "--to", "staging"}));
    });
  world.finish();
}

// I7: whoever was told that it is cancelled was told the truth.
// Fault: F1 F23; hits: pawld; at: building cancelling; holds: I1 I2 I3 I4 I5 I6 I7 I8.
BOOST_AUTO_TEST_CASE(a_cancelled_build_stays_cancelled_from_the_answer_on) {
  damaged_world world;
  for (const auto& place : places("answer", {"shown"})) {
    gate door;
    world.die_at(place, {exits::cancelled, 0}, [&] {
      auto both = one(world.deploy_to(door));
      both.push_back(world.server().begin({"cancel", world.in_flight()}));
      return both;
    });
  }
  world.finish();
}

// Fault: F1; hits: pawld; at: request queued; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(what_was_told_to_wait_has_its_turn) {
  damaged_world world;
  for (const auto& place : accepted_places()) {
    gate door;
    world.die_at(
        place, {0, 0}, [&] { return world.deploy_behind(door, {"--queue"}); },
        [&] { let_through(door); });
  }
  world.finish();
}

// Fault: F1; hits: pawld; at: request cancelling; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(what_was_told_to_take_the_place_takes_it) {
  damaged_world world;
  for (const auto& place : accepted_places()) {
    gate door;
    world.die_at(place, {exits::superseded, 0},
                 [&] { return world.deploy_behind(door, {"--supersede"}); });
  }
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
