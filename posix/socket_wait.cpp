#include "posix/socket_wait.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>

namespace pawl {

int socket_milliseconds(deadline until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 3'600'000));
}

bool socket_wait(const descriptor& socket, short events, deadline until) {
  for (;;) {
    pollfd wanted{socket.get(), events, 0};
    const int left = socket_milliseconds(until);
    const int ready = ::poll(&wanted, 1, left);
    if (ready > 0)
      return true;
    if (ready == 0 && left == 0)
      return false;
    if (ready < 0 && errno != EINTR)
      return false;
  }
}

} // namespace pawl
