// The real server (store, actors, protocol, socket) with hands that take a fixed time: what
// `pawl-bench __server` runs, in a process of its own.
#pragma once

#include "bench/server/timed_hands.hpp"

#include <filesystem>

namespace pawl::bench {

struct timed_server_plan {
  std::filesystem::path directory; // the store in data/store, the socket pawld.sock
  timed_hands_plan hands = {};
};

// Serves until SIGTERM; gives the exit status.
int run_timed_server(const timed_server_plan& plan);

} // namespace pawl::bench
