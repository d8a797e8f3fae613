// pawld dies around every commit and every effect of a deploy.
#include "test/faults/damaged_world.hpp"

namespace {

using namespace pawl::test;

// How the release command ended cannot be known any more, and it never runs twice.
const std::set<std::string> cuts_the_release{"commit releasing after", "effect release before",
                                             "effect release after", "commit activating before"};

} // namespace

BOOST_AUTO_TEST_SUITE(deploys_test)

// Fault: F1; hits: pawld; at: request preparing building pushing releasing activating active;
// holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(a_deploy_goes_on_from_every_commit) {
  damaged_world world;
  const sample_app app{.rest = "[release]\ncommand = \"true\"\n"};
  for (const auto& place :
       places("commit", {"preparing", "building", "pushing", "releasing", "activating", "active"}))
    world.die_at(place, {cuts_the_release.contains(place) ? exits::release_failed : 0},
                 [&] { return one(world.deploy(app)); });
  world.finish();
}

// Fault: F1; hits: pawld; at: preparing building pushing releasing activating switch drain
// active; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(a_deploy_goes_on_from_every_effect) {
  damaged_world world;
  const sample_app app{.rest = "[release]\ncommand = \"true\"\n"};
  for (const auto& place : places("effect", {"upload", "verify", "build", "push", "release",
                                             "start", "switch", "stop", "forget", "discard"}))
    world.die_at(place, {cuts_the_release.contains(place) ? exits::release_failed : 0},
                 [&] { return one(world.deploy(app)); });
  world.finish();
}

// Fault: F1; hits: pawld; at: building; holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(a_deploy_that_fails_has_failed_once) {
  damaged_world world;
  for (const auto& place : places("commit", {"failed"}))
    world.die_at(place, {exits::build_failed},
                 [&] { return one(world.deploy({.build = "false"})); });
  world.finish();
}

BOOST_AUTO_TEST_SUITE_END()
