// One blocking call at a time to an engine or a probe.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace pawl {

// Spawned detached outside of tests; whoever spawned it ends it.
engine_hand_actor::behavior_type engine_hand(engine_hand_actor::pointer self,
                                             std::shared_ptr<engine> hands,
                                             std::shared_ptr<source_store> sources,
                                             std::shared_ptr<probe> prober);

} // namespace pawl
