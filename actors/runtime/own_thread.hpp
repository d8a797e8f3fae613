// Spawns actors with a thread of their own, and a substitute for one that gets no thread.
#pragma once

#include "actors/runtime/blocking_threads.hpp"
#include "lifecycle/exhaustion.hpp"
#include "lifecycle/result.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <utility>

namespace pawl {

// Spawns a blocking actor (asking.hpp) for which a thread is reserved. resource_exhausted if the
// system refuses a thread.
template <class Function, class... Arguments>
auto spawn_with_thread(caf::actor_system& system, Function behaviour, Arguments&&... arguments)
    -> result<decltype(system.spawn(behaviour, std::forward<Arguments>(arguments)...))> {
  if (auto* threads = blocking_threads_of(system); threads != nullptr && !threads->reserve())
    return no_process_left("start a thread for a worker");
  return system.spawn(behaviour, std::forward<Arguments>(arguments)...);
}

// Spawns a substitute for a worker: it answers every request with the error `why`, and ends as the
// worker would.
caf::actor spawn_absent_worker(caf::actor_system& system, error why);

template <class Worker>
Worker present_or_absent(caf::actor_system& system, result<Worker> made) {
  if (made)
    return std::move(*made);
  return caf::actor_cast<Worker>(spawn_absent_worker(system, std::move(made).error()));
}

// The error that such a substitute answered with; nothing for any other error.
std::optional<error> refusal_in(const caf::error& why);

} // namespace pawl
