// What a lane tells itself later: the INTERNAL messages of a DeploymentActor.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pawl {

// One or more of the moments that it waits for have come.
struct moments_due {};
// Notes for the journal have waited for a move of their deployment to go with.
struct notes_due {};
// `mark` is the number of transitions the deployment had when the timer was set: a later
// one is void.
struct resumption_survived {
  std::string deployment;
  std::size_t mark = 0;
};
struct drain_passed {
  std::string deployment;
};
struct restart_instance {
  std::string deployment;
  std::string name;
};
struct watch_passed {
  std::string deployment;
};
// The lane may have had nothing to do for long enough.
struct idle_passed {};
// The router or an engine refused what has to be done: it is asked again, after
// limits::retry_pause.
struct try_again {
  std::function<void()> what;
};

} // namespace pawl
