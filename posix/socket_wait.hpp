// Waits on a socket until a point in time.
#pragma once

#include "posix/descriptor.hpp"

#include <chrono>

namespace pawl {

using deadline = std::chrono::steady_clock::time_point;

// Blocks until one of poll's `events` is ready; false if the deadline came first, or poll failed.
bool socket_wait(const descriptor& socket, short events, deadline until);

// The time until then as poll() takes it: milliseconds, rounded up, from 0 to an hour.
int socket_milliseconds(deadline until);

} // namespace pawl
