// Actors with a thread of their own, and what stands in for one that the system has no thread for.
#pragma once

#include "actors/runtime/blocking_threads.hpp"
#include "lifecycle/exhaustion.hpp"
#include "lifecycle/result.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <utility>

namespace pawl {

// A blocking actor (asking.hpp) with a thread that it can have whenever it has messages.
// resource_exhausted if the system refuses one.
template <class Function, class... Arguments>
auto spawn_with_thread(caf::actor_system& system, Function behaviour, Arguments&&... arguments)
    -> result<decltype(system.spawn(behaviour, std::forward<Arguments>(arguments)...))> {
  if (auto* threads = blocking_threads_of(system); threads != nullptr && !threads->reserve())
    return no_process_left("start a thread for a worker");
  return system.spawn(behaviour, std::forward<Arguments>(arguments)...);
}

// Answers every request with why it is not the worker that was wanted; ends as that one would.
caf::actor spawn_absent_worker(caf::actor_system& system, error why);

template <class Worker>
Worker present_or_absent(caf::actor_system& system, result<Worker> made) {
  if (made)
    return std::move(*made);
  return caf::actor_cast<Worker>(spawn_absent_worker(system, std::move(made).error()));
}

// The error that an absent worker answered with; nothing if `why` is another.
std::optional<error> refusal_in(const caf::error& why);

} // namespace pawl
