// The owner of a file descriptor: of a file, a directory, a socket, a process. The project has no
// other.
#pragma once

namespace pawl {

// Closes the descriptor when it is destroyed. One thread at a time.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept;
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept; // gives the descriptor to the caller
  void reset() noexcept;  // closes it

private:
  int fd_ = -1;
};

} // namespace pawl
