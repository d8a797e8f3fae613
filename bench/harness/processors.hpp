// Which processors a thread, and the programs and threads that it starts, may run on: the server on
// one and the load on another, so that they do not take each other's time by chance.
#pragma once

#include <sched.h>

namespace pawl::bench {

enum class processors { all, first, last };

// While it lives, of the thread that made it. Does nothing on a machine with one processor.
class run_on {
public:
  explicit run_on(processors which);
  ~run_on();
  run_on(const run_on&) = delete;
  run_on& operator=(const run_on&) = delete;

private:
  cpu_set_t before_{};
};

} // namespace pawl::bench
