#include "posix/signals.hpp"

#include <csignal>

namespace pawl {

bool started_to_ignore(int signal) {
  struct sigaction present {};
  return ::sigaction(signal, nullptr, &present) == 0 && (present.sa_flags & SA_SIGINFO) == 0 &&
         present.sa_handler == SIG_IGN;
}

} // namespace pawl
