// The HAProxy process: starts it so that it outlives this process, finds it again, ends it, and
// reports its death.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/socket_wait.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>

namespace pawl {

inline constexpr const char* haproxy_config_name = "haproxy.cfg";
inline constexpr const char* haproxy_pid_name = "haproxy.pid";
inline constexpr const char* haproxy_log_name = "haproxy.log";

// A process; its pidfd cannot refer to a later process with the same pid.
struct haproxy_handle {
  pid_t pid = 0;
  descriptor pidfd;
};

// Starts `program` on the configuration in `directory`, in its own session, without a terminal; its
// output goes into the directory's log. Returns when it listens on all its addresses; unavailable,
// with its own words, if it does not. With a `predecessor`, it takes over the listening sockets of
// that process, which then finishes its connections and ends.
result<void> haproxy_start(const std::filesystem::path& program,
                           const std::filesystem::path& directory,
                           std::optional<pid_t> predecessor);

// After a start with a predecessor: returns when the predecessor has closed the listening sockets,
// which both have for a moment. Until then it still takes requests and commands. unavailable if
// that takes longer than a start may.
result<void> haproxy_wait_for_takeover(const std::filesystem::path& directory, pid_t predecessor);

// The process with this pid; nothing if there is none.
std::optional<haproxy_handle> haproxy_open(pid_t pid);

// The HAProxy that the directory's pid file names, if the process lives and was started on this
// directory.
std::optional<haproxy_handle> haproxy_find(const std::filesystem::path& directory);

// Asks the process to finish its connections, kills it after `grace`, and returns when it has
// ended.
void haproxy_end(const haproxy_handle& process, std::chrono::milliseconds grace);

// Waits for the death of one process at a time, in its own thread. Any thread.
class haproxy_watch {
public:
  haproxy_watch();
  ~haproxy_watch(); // waits for a running callback

  // Watches this process from now on, instead of any other; follow({}) watches none.
  void follow(haproxy_handle process);

  // Sets the callback: called once for each watched process that has died, also before this call.
  void call(std::function<void()> on_death);

private:
  void run(const std::stop_token& stop);
  void wake() const;

  std::mutex mutex_;
  std::shared_ptr<haproxy_handle> process_;
  std::function<void()> on_death_;
  descriptor event_; // wakes the thread
  std::jthread thread_;
};

} // namespace pawl
