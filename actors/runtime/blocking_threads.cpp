#include "actors/runtime/blocking_threads.hpp"

#include "actors/runtime/server_scheduler.hpp"

#include <caf/detail/set_thread_name.hpp>
#include <caf/resumable.hpp>

#include <system_error>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sched.h>

namespace pawl {

namespace {

// The execution unit of an actor that runs on one of our threads: actors that it wakes go to the
// scheduler.
class sender_unit final : public caf::execution_unit {
public:
  using execution_unit::execution_unit;
  void exec_later(caf::resumable* job) override { system().scheduler().enqueue(job); }
};

// So many messages, then others have their turn.
constexpr std::size_t throughput = 64;

// Its wake-ups take no processor from a thread that runs: those who give it work go on first, and
// often have more for it. Not every system allows it, and all works without.
void give_way() {
  const sched_param none{};
  ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &none);
}

} // namespace

struct blocking_threads::worker {
  std::condition_variable told;
  caf::resumable* job = nullptr;
  bool leaves = false;
};

blocking_threads::blocking_threads(caf::actor_system& system)
    : system_(system), unit_(system, *this) {}

blocking_threads::~blocking_threads() {
  stop();
}

bool blocking_threads::reserve() {
  {
    const std::scoped_lock lock{mutex_};
    ++reserved_;
    if (staying_ >= reserved_)
      return true;
    ++staying_;
    ++alive_;
  }
  if (start_one())
    return true;
  const std::scoped_lock lock{mutex_};
  --alive_;
  --staying_;
  --reserved_;
  return false;
}

void blocking_threads::release() {
  const std::scoped_lock lock{mutex_};
  --reserved_;
}

bool blocking_threads::start_one() {
  try {
    // Without CAF's logger: it takes each new thread into a table behind a spinlock, which all
    // threads read for each actor that they run. One that lost its processor there held up
    // hundreds, each of which spun away its share of time: nothing went on for a second.
    std::thread{[this] {
      caf::detail::set_thread_name("pawl.blocking");
      give_way();
      system_.thread_started();
      work();
      system_.thread_terminates();
      const std::scoped_lock lock{mutex_};
      --alive_;
      one_ended_.notify_all();
    }}.detach();
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void blocking_threads::run_soon(caf::resumable* job) {
  std::unique_lock lock{mutex_};
  if (stopping_) {
    lock.unlock();
    caf::intrusive_ptr_release(job);
    return;
  }
  if (idle_.empty()) {
    jobs_.push_back(job);
    return;
  }
  auto* chosen = idle_.back();
  idle_.pop_back();
  chosen->job = job;
  chosen->told.notify_one(); // under the lock: its condition variable ends with its thread
}

void blocking_threads::work() {
  worker own;
  sender_unit unit{&system_};
  while (auto* job = next_job(own)) {
    if (job->resume(&unit, throughput) == caf::resumable::resume_later)
      run_soon(job);
    else
      caf::intrusive_ptr_release(job);
  }
}

caf::resumable* blocking_threads::next_job(worker& own) {
  std::unique_lock lock{mutex_};
  if (stopping_)
    return nullptr;
  if (!jobs_.empty()) {
    auto* job = jobs_.front();
    jobs_.pop_front();
    return job;
  }
  idle_.push_back(&own);
  while (own.job == nullptr && !own.leaves && !stopping_) {
    if (staying_ <= reserved_)
      own.told.wait(lock);
    else if (own.told.wait_for(lock, limits::spare_thread_time) == std::cv_status::timeout)
      let_spare_ones_go();
  }
  return std::exchange(own.job, nullptr);
}

// No idle thread was needed for a while, or this one would have got a job: ends those that have
// been idle longest.
void blocking_threads::let_spare_ones_go() {
  while (staying_ > reserved_ && !idle_.empty()) {
    auto* cold = idle_.front();
    idle_.erase(idle_.begin());
    cold->leaves = true;
    cold->told.notify_one();
    --staying_;
  }
}

void blocking_threads::stop() {
  std::unique_lock lock{mutex_};
  stopping_ = true;
  for (auto* one : idle_)
    one->told.notify_one();
  idle_.clear();
  one_ended_.wait(lock, [this] { return alive_ == 0; });
  const auto left = std::exchange(jobs_, {});
  lock.unlock(); // an actor may end with it, and gives its thread back
  for (auto* job : left)
    caf::intrusive_ptr_release(job);
}

std::size_t blocking_threads::running() const {
  const std::scoped_lock lock{mutex_};
  return alive_;
}

blocking_threads* blocking_threads_of(caf::actor_system& system) {
  auto* own = dynamic_cast<server_scheduler*>(&system.scheduler());
  return own != nullptr ? &own->blocking() : nullptr;
}

} // namespace pawl
