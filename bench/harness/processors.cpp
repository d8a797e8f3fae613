#include "bench/harness/processors.hpp"

namespace pawl::bench {

run_on::run_on(processors which) {
  ::sched_getaffinity(0, sizeof before_, &before_);
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  for (unsigned i = 0; i < CPU_SETSIZE; ++i)
    CPU_SET(i, &wanted);
  // The kernel leaves out those that the machine has not.
  ::sched_setaffinity(0, sizeof wanted, &wanted);
  if (which == processors::all)
    return;
  ::sched_getaffinity(0, sizeof wanted, &wanted);
  unsigned chosen = 0;
  for (unsigned i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &wanted)) {
      chosen = i;
      if (which == processors::first)
        break;
    }
  CPU_ZERO(&wanted);
  CPU_SET(chosen, &wanted);
  ::sched_setaffinity(0, sizeof wanted, &wanted);
}

run_on::~run_on() {
  ::sched_setaffinity(0, sizeof before_, &before_);
}

} // namespace pawl::bench
