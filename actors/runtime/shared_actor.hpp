// Actors of which the server has exactly one, under an address that does not change.
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

// One address for an actor and its successors. When the actor dies, the SUPERVISOR replaces it, and
// everyone who holds the address then talks to the successor. Messages in the mailbox of the dead
// actor are lost, and so are those that arrive before its successor: such requests are answered
// with an error that is not caf::sec::request_timeout.
class shared_actor {
public:
  using maker = std::function<caf::strong_actor_ptr()>;

  // Makes the first actor. Passes on what `make` throws when there is no thread for it.
  shared_actor(caf::actor_system& system, std::string name, maker make);

  const std::string& name() const { return name_; }

  // The address. Any thread may send to it.
  template <class Handle>
  Handle address() const {
    return caf::actor_cast<Handle>(address_);
  }

  // The present actor, to be monitored.
  caf::actor_addr present() const { return present_; }

  // The pause before the actor that has just died is to be replaced: none if it had run for a
  // while, else twice the last pause, up to limits::restart_backoff_max.
  duration pause_after_death(caf::actor_clock::time_point now);

  // Makes the successor. False if there is no thread or no memory for it.
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
