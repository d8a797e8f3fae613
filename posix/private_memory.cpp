#include "posix/private_memory.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace pawl {

// A core that goes to a program is made whatever the limit is, but not of such a process.
void keep_memory_private() {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

} // namespace pawl
