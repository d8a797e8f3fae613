// The error for a machine that has no more threads or processes to give, with the setting that
// raises the limit.
#pragma once

#include "lifecycle/error.hpp"

#include <fmt/format.h>

namespace pawl {

// `doing` goes on after "cannot". The kernel has one answer (EAGAIN) for a limit of processes and
// for a thread's stack that finds no memory.
inline error no_process_left(std::string_view doing) {
  return {errc::resource_exhausted,
          fmt::format("cannot {}: the server's user or control group has no process or thread "
                      "left. Raise LimitNPROC= or TasksMax= of its unit for systemd (elsewhere "
                      "ulimit -u), give it more memory, or end other processes; then try again",
                      doing),
          {{"reason", "processes"}}};
}

} // namespace pawl
