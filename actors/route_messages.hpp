// The messages to the ROUTE KEEPER. The map of the actors is in interfaces.hpp.
#pragma once

#include "routers/router.hpp"

#include <stop_token>

namespace pawl {

struct restore_routes {
  std::vector<route> routes;
};

struct switch_route {
  route to;
  std::stop_token stop = {}; // its lane has given the switch up, or has ended
};

struct forget_route {
  lane_key lane;
  std::string deployment;
};

struct let_clients_go {
  lane_key lane;
  std::string deployment;
};

// The router died, or it is not known which routes it has.
struct router_down {};

// A lane has died, and its last switch may be under way.
struct await_switches {};

// INTERNAL. The back-off after a failed restart has passed.
struct retry_restore {};

} // namespace pawl
