// The scheduling policy of the server's threads for blocking actors.
#pragma once

#include <thread>
#include <utility>

#include <pthread.h>
#include <sched.h>

namespace pawl::test {

// In a thread whose scheduling policy is SCHED_BATCH; returns when it has ended.
template <class Function>
void in_batch_thread(Function what) {
  std::jthread{[what = std::move(what)] {
    const sched_param none{};
    ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &none);
    what();
  }}.join();
}

} // namespace pawl::test
