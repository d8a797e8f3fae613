// Ends a worker with the lane that it works for.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/actor_addr.hpp>
#include <caf/exit_reason.hpp>
#include <caf/local_actor.hpp>
#include <caf/system_messages.hpp>

namespace pawl {

// Part of the worker's state. CAF keeps whoever monitors an actor until that one ends: a lane lives
// for long, and each worker would leave its memory there if it did not take itself back.
class owner_watch {
public:
  owner_watch() = default;
  owner_watch(const owner_watch&) = delete;
  owner_watch& operator=(const owner_watch&) = delete;
  owner_watch(owner_watch&&) = delete;
  owner_watch& operator=(owner_watch&&) = delete;
  ~owner_watch() {
    if (worker_ != nullptr)
      worker_->demonitor(owner_);
  }

  // Once, when the worker begins. Takes its down handler.
  template <class Worker>
  void begin(Worker* worker, const deployment_actor& owner) {
    worker_ = worker;
    owner_ = owner.address();
    worker->monitor(owner);
    worker->set_down_handler(
        [worker](const caf::down_msg&) { worker->quit(caf::exit_reason::user_shutdown); });
  }

private:
  caf::local_actor* worker_ = nullptr;
  caf::actor_addr owner_;
};

} // namespace pawl
