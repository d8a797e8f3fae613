// INTERNAL. What a DeploymentActor sends to itself for later.
#pragma once

#include <cstdint>
#include <string>

namespace pawl {

// `mark` is the number of transitions the deployment had when the timer was set: a later
// one is void.
struct deadline_passed {
  std::string deployment;
  std::size_t mark = 0;
};
struct upload_stalled {
  std::string deployment;
  std::size_t mark = 0;
};
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
// Nothing to do since then: `mark` is the number of messages that the lane had taken.
struct idle_passed {
  std::uint64_t mark = 0;
};

} // namespace pawl
