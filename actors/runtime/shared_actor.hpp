// Actors of which the server has one, and that everybody works with.
#pragma once

#include "lifecycle/limits.hpp"
#include "lifecycle/manifest.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>

#include <functional>
#include <string>

namespace pawl {

// The place of such an actor: it has one address, whoever is in it. When the actor dies, its
// SUPERVISOR puts another there; who holds the address goes on with that one. What the dead one had
// in its mailbox is lost, and so is what comes before the next: requests are answered with an error
// that is not caf::sec::request_timeout.
class shared_actor {
public:
  using maker = std::function<caf::strong_actor_ptr()>;

  // Makes the first. What `make` throws for want of a thread passes through.
  shared_actor(caf::actor_system& system, std::string name, maker make);

  const std::string& name() const { return name_; }

  // Of whoever is in the place. Any thread may send there.
  template <class Handle>
  Handle address() const {
    return caf::actor_cast<Handle>(address_);
  }

  // Who is there now, to be monitored.
  caf::actor_addr present() const { return present_; }

  // It has died: how long to wait for the next. Nothing, if it had lived for a while; else twice as
  // long as the last time, up to limits::restart_backoff_max.
  duration pause_after_death(caf::actor_clock::time_point now);

  // False if nobody could be made, for want of a thread or of memory.
  bool replace(caf::actor_clock::time_point now);

private:
  std::string name_;
  maker make_;
  caf::strong_actor_ptr address_;
  caf::actor_addr present_;
  caf::actor_clock::time_point since_ = {};
  duration backoff_ = limits::restart_backoff_first;
};

} // namespace pawl
