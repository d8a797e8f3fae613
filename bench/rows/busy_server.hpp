// A server whose lanes serve v2 and have a build in flight that never ends, so that all other
// requests are decided by the store and the lane alone.
#pragma once

#include "bench/load/request_load.hpp"
#include "bench/rows/timed_server_plan.hpp"

namespace pawl::bench {

// A deploy of an app to the cluster `local`, with a source that is there already.
protocol::message deploy_of(const std::string& app, const std::string& request_id);

class busy_server {
public:
  static constexpr std::size_t lanes = 64;

  explicit busy_server(const workplace& place, bool counted = false);

  const server_under_test& server() const { return server_; }

  // A function that makes the requests of a run: rollbacks to v1, each with an id of its own; in a
  // lane for each client, or in one lane for all.
  std::function<protocol::message(std::size_t, std::size_t)> rollbacks(when_busy policy,
                                                                       bool own_lanes);

private:
  server_under_test server_;
  unsigned runs_ = 0;
};

} // namespace pawl::bench
