// Tells viewers that a journal has grown, or that a lane has moved.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"

#include <map>
#include <set>

namespace pawl {

struct journal_state {
  static inline const char* name = "journal";

  asking_pointer<journal_actor, journal_state> self;
  std::map<std::string, std::set<viewer_actor>> viewers; // by deployment
  std::map<caf::actor_addr, std::string> followed;       // the deployment of a viewer
  std::map<lane_key, std::set<log_viewer_actor>> lane_viewers;
  std::map<caf::actor_addr, lane_key> lanes; // of a log viewer

  // Whom it told, somebody else has to tell: they ask whoever takes its place.
  ~journal_state();

  void announce(const store_advanced& what);
  void announce_all();
  void watch(const watch_journal& request);
  void watch(const watch_lane& request);
  void forget(const caf::actor_addr& viewer);
};

journal_actor::behavior_type journal(asking_pointer<journal_actor, journal_state> self);

} // namespace pawl
