// Turns the engine's callbacks for exited instances into messages.
#pragma once

#include "actors/workers/activation_worker.hpp"

#include <caf/send.hpp>

#include <atomic>

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

// The watches of instances that serve: one for each start of an instance. Lanes end and come back,
// so the watches report to the SUPERVISOR. A lane ignores reports whose number is not that of its
// own watch: the watches of a lane that has died remain.
class service_watches {
public:
  // Any thread. Does not keep the supervisor alive.
  std::uint64_t begin(engine& of, const std::string& name, const supervisor_actor& supervisor) {
    auto number = ++last_;
    of.watch(name,
             [weak = caf::actor_cast<caf::weak_actor_ptr>(supervisor), number](instance exited) {
               if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(weak))
                 caf::anon_send(caf::actor_cast<supervisor_actor>(alive),
                                instance_exited{std::move(exited), number});
             });
    return number;
  }

private:
  std::atomic<std::uint64_t> last_ = 0;
};

} // namespace pawl
