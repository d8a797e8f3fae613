// A Docker daemon of the test's own, with a network of its own, so that it touches neither the
// machine's rules nor another daemon. Root only.
#pragma once

#include "posix/descriptor.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <memory>

namespace pawl::test {

// Whether this machine has a Docker Engine, and this process may start one.
bool may_run_docker();

// The thread that makes it is in the daemon's network until its end, with all threads and programs
// that it starts meanwhile: they reach containers at their own addresses. Throws
// std::runtime_error, with the daemon's last words, if it does not come up.
class docker_daemon {
public:
  // With a number, its data are on a file system of so many bytes, in memory.
  explicit docker_daemon(bool live_restore = false, std::uint64_t disk_bytes = 0);
  ~docker_daemon(); // no container, mount or process of it is left
  docker_daemon(const docker_daemon&) = delete;
  docker_daemon& operator=(const docker_daemon&) = delete;

  std::filesystem::path socket() const { return home_.path() / "sock"; }

  // All that it keeps.
  std::filesystem::path data() const { return home_.path() / "data"; }

  // Busybox, with its commands in /bin.
  static constexpr auto base_image = "pawl-test-base:1";

  void start(); // after stop() or kill(); returns when it answers
  void stop();  // SIGTERM; returns when it has ended
  void kill();  // SIGKILL; its containers run on
  void signal(int number) const { process_->signal(number); }

private:
  void import_base() const;
  void end_containers() const;
  void unmount() const;

  temporary_directory home_;
  const bool live_restore_;
  const std::string groups_;
  descriptor network_before_;
  std::unique_ptr<program> process_;
};

// An answer of a daemon to a request without a body, whatever its status; "" without one.
std::string ask_docker(const docker_daemon& daemon, const std::string& method,
                       const std::string& target);

} // namespace pawl::test
