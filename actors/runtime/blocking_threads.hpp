// Threads for the actors that block (docs/decisions/0054-threads-outlive-their-actors.md).
#pragma once

#include "lifecycle/limits.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

namespace pawl {

// There are as many threads as blocking actors, so no actor waits for another; but an actor
// occupies a thread only while it has messages. A thread that is not needed any more is kept for
// limits::spare_thread_time, because starting one costs more than most orders take. The threads run
// under SCHED_BATCH (sched(7)), and so do processes that they start, unless that is set otherwise.
// Any thread may call it.
class blocking_threads {
public:
  explicit blocking_threads(caf::actor_system& system);
  blocking_threads(const blocking_threads&) = delete;
  blocking_threads& operator=(const blocking_threads&) = delete;
  ~blocking_threads();

  // Makes sure that one more actor has a thread; false if the system refuses one. Each success is
  // given back once, by release().
  bool reserve();
  void release();

  // The execution unit for actors that have received messages (caf::scheduled_actor::enqueue).
  caf::execution_unit* unit() { return &unit_; }

  // Ends each thread after its present job. Jobs that no thread has begun are dropped.
  void stop();

  std::size_t running() const; // threads that run or wait

private:
  struct worker;

  // Passes each actor that it receives to a thread.
  class entry_unit final : public caf::execution_unit {
  public:
    entry_unit(caf::actor_system& system, blocking_threads& threads)
        : execution_unit(&system), threads_(threads) {}
    void exec_later(caf::resumable* job) override { threads_.run_soon(job); }

  private:
    blocking_threads& threads_;
  };

  bool start_one();
  void run_soon(caf::resumable* job);
  void work();
  caf::resumable* next_job(worker& own);
  void let_spare_ones_go();

  caf::actor_system& system_;
  entry_unit unit_;
  mutable std::mutex mutex_; // of all below
  std::condition_variable one_ended_;
  std::deque<caf::resumable*> jobs_; // that no thread has yet
  std::vector<worker*> idle_;        // the last is the one that worked last: its caches are warm
  std::size_t alive_ = 0;            // threads
  std::size_t staying_ = 0;          // of them those that have not been told to leave
  std::size_t reserved_ = 0;
  bool stopping_ = false;
};

// The threads of the system's scheduler. Null under the deterministic scheduler of tests, which
// runs all actors in one thread.
blocking_threads* blocking_threads_of(caf::actor_system& system);

} // namespace pawl
