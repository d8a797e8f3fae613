// A file descriptor with an owner, and waiting on one until a point in time.
#pragma once

#include <chrono>
#include <utility>

namespace pawl {

using deadline = std::chrono::steady_clock::time_point;

class socket_descriptor {
public:
  socket_descriptor() = default;
  explicit socket_descriptor(int fd) : fd_(fd) {}
  socket_descriptor(socket_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  socket_descriptor& operator=(socket_descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~socket_descriptor(); // closes it

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

// Waits until one of poll's `events` is there; false if the deadline came first.
bool socket_wait(const socket_descriptor& socket, short events, deadline until);

// Milliseconds until then, rounded up, at least 0: what poll() takes.
int socket_milliseconds(deadline until);

} // namespace pawl
