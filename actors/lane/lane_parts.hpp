// The tools of a lane: made by actors/supervision/server.cpp, or by a test.
#pragma once

#include "actors/journal/present_freezes.hpp"
#include "actors/workers/exit_watch.hpp"
#include "actors/workers/unsettled_instances.hpp"
#include "actors/workers/upload_slots.hpp"
#include "actors/workers/warm_places.hpp"
#include "lifecycle/cluster.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace pawl {

// Shared by all lanes but for `cluster`.
struct lane_parts {
  cluster_settings cluster;
  // Set if this server does not serve the lane's cluster: the lane then only ends what is
  // unfinished, with this error, and begins nothing.
  std::optional<error> unserved = {};
  std::shared_ptr<const store> records;
  std::shared_ptr<pawl::engine> engine;
  std::shared_ptr<source_store> sources;
  store_writer_actor writer;
  route_keeper_actor routes;
  supervisor_actor supervisor; // hears of the ends of what serves, and keeps the lane at rest
  std::shared_ptr<service_watches> watches;
  std::shared_ptr<const present_freezes> freezes;
  // Each of these may be refused a thread: the first says so, the others answer so. A worker is
  // given its lane by the role that takes reports.
  std::function<result<source_worker_actor>(lane_reports_actor)> make_source_worker;
  std::function<build_worker_actor()> make_build_worker;
  std::function<activation_worker_actor(lane_reports_actor)> make_activation_worker;
  std::function<health_checker_actor(lane_reports_actor)> make_health_checker;
  std::shared_ptr<upload_slots> upload_places;
  std::shared_ptr<warm_places> warm;
  caller_maker make_caller;
  std::function<std::vector<std::string>(const lane_key&, const std::vector<instance>&)> urls;
  std::function<std::vector<std::string>(const lane_key&)> hosts; // router::hosts()
  std::function<timestamp()> now;
  std::function<std::string()> new_id;
  std::uint64_t upload_bytes_max = limits::source_bytes;
  duration upload_timeout = limits::upload_timeout;
  std::size_t queued_max = limits::queued_deployments;
  duration idle = limits::lane_idle;
  std::shared_ptr<unsettled_instances> unsettled = {};
};

} // namespace pawl
