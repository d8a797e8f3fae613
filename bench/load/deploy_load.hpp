// Remote actor clients that deploy to lanes of their own, each lane again as soon as its deployment
// has settled.
#pragma once

#include "client/link/server_link.hpp"

#include <chrono>
#include <string>

namespace pawl::bench {

struct deploy_tally {
  std::uint64_t deployments = 0; // that became active
  std::uint64_t transitions = 0; // durable moves of deployments, those that were replaced too
  std::uint64_t others = 0;      // that did not
  std::string problem = {};      // of the first of them
  double seconds = 0;

  deploy_tally& operator+=(const deploy_tally& part);
  double rate() const { return seconds > 0 ? static_cast<double>(transitions) / seconds : 0; }
};

struct deploy_plan {
  std::string socket;
  std::size_t lanes = 64;
  std::chrono::milliseconds time{1000};
  std::chrono::milliseconds warm_up{200}; // not counted
  std::string name = "load";              // of the apps, with a number
  std::string requests;                   // their ids begin so too: another load's, otherwise
  bool finish = false; // what is in flight when the time is over comes to its end, not counted
  bool once = false; // each lane deploys once, and the time is as long as that takes, but no longer
};

// Connects, and deploys for so long, or once. Counts the events of that time. Throws
// std::runtime_error when the server is lost or refuses.
deploy_tally deploy_flat_out(const deploy_plan& plan);

} // namespace pawl::bench
