// A child of the test that holds whatever the test had open, as one of the server does between fork
// and exec.
#pragma once

#include <csignal>
#include <functional>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace pawl::test {

class held_by_child {
public:
  // `first` is what the child does before it waits for its end.
  explicit held_by_child(const std::function<void()>& first = [] {}) : pid_(::fork()) {
    if (pid_ < 0) // as a pid, it would be everybody
      throw std::runtime_error("no child could be made");
    if (pid_ == 0)
      first();
    while (pid_ == 0)
      ::pause();
  }
  held_by_child(const held_by_child&) = delete;
  held_by_child& operator=(const held_by_child&) = delete;
  ~held_by_child() {
    end();
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const { return pid_; }
  void end() const { ::kill(pid_, SIGKILL); }

private:
  pid_t pid_;
};

} // namespace pawl::test
