// Checks the warm instances of a version, once each, and nothing follows: for a plan, and before
// the server goes back by itself. Their own health settings decide.
#pragma once

#include "actors/lane/errands.hpp"
#include "actors/lane/replaced_instances.hpp"

#include <chrono>
#include <functional>

namespace pawl {

struct warm_finding {
  old_version is = old_version::cannot_be_checked;
  std::string detail = {}; // of an unhealthy one: which instance, and its answer
  std::chrono::steady_clock::duration took = {};
  bool was_refused = false; // by the engine, or for want of a thread: nothing is known of it
};

class warm_check {
public:
  warm_check(const lane_context& lane, replaced_instances& replaced, errands& open)
      : lane_(lane), replaced_(replaced), errands_(open) {}

  // Calls `then` as a decision, later; within this call if the version has no warm instances with
  // that revision of the configuration.
  void ask(version_number version, const std::optional<config_number>& config,
           std::function<void(const warm_finding&)> then);

private:
  const lane_context& lane_;
  replaced_instances& replaced_;
  errands& errands_;
};

} // namespace pawl
