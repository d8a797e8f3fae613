// The real server (store, actors, protocol, socket) with an engine and a router whose calls take a
// fixed time, so that only the server's own cost is measured. `pawl-bench __server` runs it, in a
// process of its own.
#pragma once

#include "bench/server/timed_parts.hpp"

#include <filesystem>

namespace pawl::bench {

struct timed_server_plan {
  std::filesystem::path directory; // the store in data/store, the socket pawld.sock
  timed_parts_plan parts = {};
};

// Serves until SIGTERM; gives the exit status.
int run_timed_server(const timed_server_plan& plan);

} // namespace pawl::bench
