// One blocking call at a time to an engine or a probe.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/workers/unsettled_instances.hpp"

#include <memory>

namespace pawl {

// Blocks; whoever spawned it ends it. It notes its starts and stops in `unsettled` while they are
// under way.
engine_caller_actor::behavior_type engine_caller(blocking<asking<engine_caller_actor::base>>* self,
                                                 std::shared_ptr<engine> target,
                                                 std::shared_ptr<source_store> sources,
                                                 std::shared_ptr<probe> prober,
                                                 std::shared_ptr<unsettled_instances> unsettled);

} // namespace pawl
