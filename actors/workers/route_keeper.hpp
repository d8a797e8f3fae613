// The ROUTE KEEPER: the one actor that talks to the router. It restarts the router when it dies.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"

#include <map>
#include <memory>

namespace pawl {

// The routes that the router should have: derived from the store by the lanes, and confirmed by the
// router. They outlive a ROUTE KEEPER that dies, so that its successor need not ask the lanes,
// which go on switching meanwhile.
struct confirmed_routes {
  std::map<lane_key, route> wanted;
  bool known = false; // the server has said once what they are
};

struct route_keeper_state {
  static inline const char* name = "route_keeper";

  blocking_pointer<route_keeper_actor, route_keeper_state> self;
  std::shared_ptr<pawl::router> router;
  std::shared_ptr<const store> records; // who has which host name
  std::shared_ptr<confirmed_routes> routes;
  duration backoff = limits::restart_backoff_first;
  bool retry_is_due = false; // a failed restore is tried again after the back-off
  bool uncertain = false;    // the router may have other routes than these

  result<done> restore(const restore_routes& all);
  result<done> switch_to(const switch_route& change);
  result<done> forget(const forget_route& gone);
  void revive();

private:
  result<void> check_names(const lane_key& lane) const;
  result<void> restore_wanted();
};

// Blocks in the router's answers. Switches no lane to a host name that another lane has in the
// store.
route_keeper_actor::behavior_type
route_keeper(blocking_pointer<route_keeper_actor, route_keeper_state> self,
             std::shared_ptr<pawl::router> router, std::shared_ptr<const store> records,
             std::shared_ptr<confirmed_routes> routes);

} // namespace pawl
