// Waiting on a socket until a point in time.
#pragma once

#include "posix/descriptor.hpp"

#include <chrono>

namespace pawl {

using deadline = std::chrono::steady_clock::time_point;

// Waits until one of poll's `events` is there; false if the deadline came first, or poll failed.
bool socket_wait(const descriptor& socket, short events, deadline until);

// Milliseconds until then, rounded up, at least 0 and at most an hour: what poll() takes.
int socket_milliseconds(deadline until);

} // namespace pawl
