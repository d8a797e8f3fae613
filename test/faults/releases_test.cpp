// pawld dies around every commit and every effect of a rollback and of a promotion.
#include "test/faults/damaged_world.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;

const std::vector<std::string> release_commits{"activating", "active"};
const std::vector<std::string> release_effects{"start", "switch", "stop", "forget"};

std::vector<std::string> release_places() {
  auto all = places("commit", release_commits);
  for (const auto& place : places("effect", release_effects))
    all.push_back(place);
  return all;
}

} // namespace

BOOST_AUTO_TEST_SUITE(releases_test)

// Fault: F1 F24; hits: pawld; at: request activating switch drain active; holds: I1 I2 I3 I4 I5
// I6 I8.
BOOST_AUTO_TEST_CASE(a_rollback_goes_on_from_every_step) {
  damaged_world world;
  for (const auto& place : release_places())
    world.die_at(place, {0}, [&] {
      clients all;
      all.push_back(world.server().begin(
          {"rollback", world.other_version("local"), "-a", "shop", "-C", "local"}));
      return all;
    });
  world.finish();
}

// Fault: F1; hits: pawld; at: request activating switch drain active; holds: I1 I2 I3 I4 I5 I6
// I8.
BOOST_AUTO_TEST_CASE(a_promotion_goes_on_from_every_step) {
  damaged_world world;
  check_exit(world.server().pawl({"promote", "v1", "-a", "shop", "--to", "staging"}), 0);
  for (const auto& place : release_places())
    world.die_at(place, {0}, [&] {
      clients all;
      all.push_back(world.server().begin(
          {"promote", world.other_version("staging"), "-a", "shop", "--to", "staging"}));
      return all;
    });
  world.finish();
}

// Fault: F1 F24; hits: pawld; at: request activating switch drain active; holds: I1 I2 I3 I4 I5 I6
// I8.
BOOST_AUTO_TEST_CASE(a_configuration_goes_on_from_every_step) {
  damaged_world world;
  int value = 0;
  for (const auto& place : release_places())
    world.die_at(place, {0}, [&] {
      clients all;
      all.push_back(
          world.server().begin({"env", "set", fmt::format("LEVEL={}", ++value), "KEY=open sesame",
                                "--secret", "-a", "shop", "-C", "local"}));
      return all;
    });
  world.finish();
  const auto end = world.server().pawl({"env", "-a", "shop", "-C", "local", "--json"});
  check_exit(end, 0);
  BOOST_TEST(document_of(end).at("running") == document_of(end).at("config"));
}

BOOST_AUTO_TEST_SUITE_END()
