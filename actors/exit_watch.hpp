// Hears of the ends of instances, from a thread of the engine's, as messages.
#pragma once

#include "actors/activation_worker.hpp"

#include <caf/send.hpp>

namespace pawl {

// Sends instance_exited to the actor when the instance ends. It does not keep the actor alive.
template <class Pointer>
void watch_exit(Pointer self, const exit_watch& watch, const std::string& name) {
  using handle = typename std::remove_pointer_t<Pointer>::actor_hdl;
  watch(name, [weak = caf::actor_cast<caf::weak_actor_ptr>(self->ctrl())](instance exited) {
    if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(weak))
      caf::anon_send(caf::actor_cast<handle>(alive), instance_exited{std::move(exited)});
  });
}

} // namespace pawl
