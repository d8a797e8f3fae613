// Base classes of the server's actors, on top of CAF's: actors whose answered requests leave no
// timeout behind, and actors that may block.
#pragma once

#include "actors/runtime/blocking_threads.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace pawl {

// CAF 0.17.6 leaves the timeout of a request in the clock when the answer has come.
template <class Base>
class asking : public Base {
public:
  using Base::Base;
  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override {
    if (what->mid.is_response())
      this->home_system().clock().cancel_request_timeout(this, what->mid);
    Base::enqueue(std::move(what), host);
  }
};

// Runs on a thread for actors that block; in tests, on the one thread of their scheduler. Spawned
// by spawn_with_thread() of own_thread.hpp, which makes sure of a thread first.
template <class Base>
class blocking : public Base {
public:
  explicit blocking(caf::actor_config& config)
      : Base(config), threads_(blocking_threads_of(this->home_system())) {}
  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override {
    Base::enqueue(std::move(what), threads_ != nullptr ? threads_->unit() : host);
  }

  void launch(caf::execution_unit* host, bool lazy, bool hide) override {
    Base::launch(threads_ != nullptr ? threads_->unit() : host, lazy, hide);
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    const bool ended = Base::cleanup(std::move(reason), host);
    if (ended && threads_ != nullptr)
      threads_->release();
    return ended;
  }

private:
  blocking_threads* threads_;
};

template <class Handle, class State>
using asking_pointer = caf::stateful_actor<State, asking<typename Handle::base>>*;

template <class Handle, class State>
using blocking_pointer = caf::stateful_actor<State, blocking<asking<typename Handle::base>>>*;

} // namespace pawl
