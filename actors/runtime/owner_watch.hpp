// Ends a worker with the lane that it works for.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/actor_addr.hpp>
#include <caf/exit_reason.hpp>
#include <caf/local_actor.hpp>
#include <caf/system_messages.hpp>

namespace pawl {

// Part of the worker's state. CAF keeps the memory of a monitoring actor until the monitored one
// ends. A lane runs for long, so each worker has to end its monitoring; this class does.
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

  // To be called once, when the worker begins. Takes the worker's down handler.
  template <class Worker>
  void begin(Worker* worker, const lane_reports_actor& owner) {
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
