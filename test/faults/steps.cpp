#include "test/faults/steps.hpp"

namespace pawl::test {

std::vector<step> steps_until_active() {
  return {
      {"commit preparing before"},
      {"effect verify before"},
      {"effect build before"},
      {"effect push before"},
      {"effect release before", {.rest = "[release]\ncommand = \"true\"\n"}},
      {"effect start before"},
      {"effect switch before"},
      {"effect switch after"},
      {"commit active after"},
  };
}

std::vector<step> all_steps() {
  auto all = steps_until_active();
  all.push_back({"effect stop before"});
  all.push_back({"effect forget before"});
  return all;
}

void strike_waiting(damaged_world& world, const endings& ends,
                    const std::function<void(const clients&)>& blow,
                    const std::function<void()>& then) {
  gate door;
  world.stop_at(
      "commit queued after", ends, [&] { return world.deploy_behind(door, {"--queue"}); }, blow,
      [&] {
        door.open();
        then();
      });
}

void strike_cancelled(damaged_world& world, const endings& ends,
                      const std::function<void(const clients&, const gate&)>& blow) {
  gate door;
  world.stop_at(
      "commit cancelling after", ends,
      [&] {
        auto both = one(world.deploy_to(door));
        both.push_back(world.server().begin({"cancel", "-a", "shop", "-C", "local"}));
        return both;
      },
      [&](const clients& all) { blow(all, door); });
}

} // namespace pawl::test
