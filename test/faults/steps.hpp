// The steps of a deployment of shop at which the server can be stopped while something else is
// struck (damaged_world::stop_at).
#pragma once

#include "test/faults/damaged_world.hpp"

namespace pawl::test {

// Where the deployment is then (bin/pawld/failpoints.hpp), and what app comes there.
struct step {
  std::string place;
  sample_app app = {};
};

std::vector<step> steps_until_active(); // from the request to the traffic's switch
std::vector<step> all_steps();          // and what the version before goes through after that

// One that waits for its turn behind another: the clients are that one's and its own.
void strike_waiting(
    damaged_world& world, const endings& ends, const std::function<void(const clients&)>& blow,
    const std::function<void()>& then = [] {});

// One whose build, which waits at the gate, is being given up: the clients are its own and the one
// that cancels.
void strike_cancelled(damaged_world& world, const endings& ends,
                      const std::function<void(const clients&, const gate&)>& blow);

} // namespace pawl::test
