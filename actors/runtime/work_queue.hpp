// A policy for CAF's coordinator: how the scheduler's workers share their jobs.
//
// Waking a thread costs more than most handlers take, and CAF's own policies wake one for each
// message to an idle actor. Here the actor that received the last message runs next on its sender's
// worker, and no thread is woken for it; the actor that it displaces goes to the shared queue. At
// most one worker is being woken at a time, and it wakes the next one if jobs are left. Workers
// without jobs sleep.
#pragma once

#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace pawl {

class work_queue : public caf::policy::unprofiled {
public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator* /*of*/) {}

    std::mutex mutex; // of all below
    std::condition_variable work_came;
    std::deque<caf::resumable*> jobs;
    std::size_t idle = 0; // workers that wait
    bool waking = false;  // one of them has been told, and does not run yet
  };

  // Touched by its own thread alone.
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator* /*of*/) {}

    caf::resumable* next = nullptr; // runs before what is in the queue
    unsigned in_a_row = 0;          // that did
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    auto& all = d(self);
    bool wakes = false;
    {
      const std::scoped_lock lock{all.mutex};
      all.jobs.push_back(job);
      wakes = all.idle > 0 && !all.waking;
      all.waking = all.waking || wakes;
    }
    if (wakes)
      all.work_came.notify_one();
  }

  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  // From an actor that this worker runs.
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    if (auto* displaced = std::exchange(d(self).next, job))
      central_enqueue(self->parent(), displaced);
  }

  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    // Two actors that only talk to each other must not keep the others waiting.
    constexpr unsigned most_in_a_row = 16;
    auto& own = d(self);
    if (own.next != nullptr && ++own.in_a_row <= most_in_a_row)
      return std::exchange(own.next, nullptr);
    own.in_a_row = 0;
    if (own.next != nullptr)
      central_enqueue(self->parent(), std::exchange(own.next, nullptr));
    return take(d(self->parent()));
  }

  template <class Worker, class UnaryFunction>
  void foreach_resumable(Worker* self, UnaryFunction use) {
    if (auto* left = std::exchange(d(self).next, nullptr))
      use(left);
  }

  template <class Coordinator, class UnaryFunction>
  void foreach_central_resumable(Coordinator* self, UnaryFunction use) {
    auto& all = d(self);
    const std::scoped_lock lock{all.mutex};
    for (auto* job : std::exchange(all.jobs, {}))
      use(job);
  }

private:
  static caf::resumable* take(coordinator_data& all) {
    std::unique_lock lock{all.mutex};
    while (all.jobs.empty()) {
      ++all.idle;
      all.work_came.wait(lock);
      --all.idle;
      all.waking = false;
    }
    auto* job = all.jobs.front();
    all.jobs.pop_front();
    const bool wakes = !all.jobs.empty() && all.idle > 0 && !all.waking;
    all.waking = all.waking || wakes;
    lock.unlock();
    if (wakes)
      all.work_came.notify_one();
    return job;
  }
};

} // namespace pawl
