// Actors with a thread of their own, and what stands in for one that the system has no thread for.
#pragma once

#include "lifecycle/exhaustion.hpp"
#include "lifecycle/result.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <system_error>
#include <utility>

namespace pawl {

// CAF leaks an actor whose thread did not start. So after one such failure a thread is tried out
// before the next actor is made, until one starts. Any thread may call these.
bool threads_can_start();
void note_that_none_started();

// resource_exhausted if the system refuses the thread.
template <class Function, class... Arguments>
auto spawn_with_thread(caf::actor_system& system, Function behaviour, Arguments&&... arguments)
    -> result<decltype(system.spawn<caf::detached>(behaviour,
                                                   std::forward<Arguments>(arguments)...))> {
  auto refused = [] { return no_process_left("start a thread for a worker"); };
  if (!threads_can_start())
    return refused();
  try {
    return system.spawn<caf::detached>(behaviour, std::forward<Arguments>(arguments)...);
  } catch (const std::system_error&) {
    note_that_none_started();
    return refused();
  }
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
