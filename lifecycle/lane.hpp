// The records of a lane and of a version.
#pragma once

#include "lifecycle/deployment.hpp"

namespace pawl {

struct lane_record {
  lane_key lane;
  std::optional<std::string> active = {}; // id of the deployment that serves
  timestamp last_created =
      {}; // of its deployments: the next one's time is later, whatever the clock says
  std::uint64_t revision = 0;
  std::optional<timestamp> destroyed_at = {}; // on request, and nothing was deployed since
  process_counts counts = {};                 // of `scale`: for each deployment from then on
  std::optional<timestamp> stopped_at = {};   // on request: its active deployment has no instances
  std::uint32_t configs = 0; // the newest revision of its configuration; 0: it has none

  friend bool operator==(const lane_record&, const lane_record&) = default;
};

// An artifact of one app, with the configuration it runs with.
struct version_record {
  std::string app;
  version_number number;
  std::string artifact;   // digest
  std::string deployment; // id of the deployment that built it
  std::string cluster;    // where it was built
  std::string engine;     // the kind of engine that can start it
  timestamp created_at = {};
  manifest settings = {};

  friend bool operator==(const version_record&, const version_record&) = default;
};

// The time of the lane's next deployment: now, or just after its last one if the clock went back.
constexpr timestamp next_created(const lane_record& lane, timestamp now) {
  return now > lane.last_created ? now : lane.last_created + std::chrono::milliseconds{1};
}

} // namespace pawl
