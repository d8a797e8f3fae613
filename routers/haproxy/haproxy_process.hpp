// The HAProxy process: starting it so that it outlives this one, finding it again, ending it, and
// hearing of its death.
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

// A process that cannot be mistaken for a later one with the same number.
struct haproxy_handle {
  pid_t pid = 0;
  descriptor pidfd;
};

// Starts `program` on the configuration in `directory`, in a session of its own, without a
// terminal, its words in the directory's log. Returns when it listens on all its addresses, or says
// in its own words why it does not: unavailable. With a `predecessor`, it takes over the listening
// sockets of that one, which then finishes its connections and ends.
result<void> haproxy_start(const std::filesystem::path& program,
                           const std::filesystem::path& directory,
                           std::optional<pid_t> predecessor);

// After such a start: returns when the predecessor has let go of the listening sockets, which both
// have for a moment. Until then it takes requests and orders that are meant for the other.
// unavailable if that takes longer than a start may.
result<void> haproxy_wait_for_takeover(const std::filesystem::path& directory, pid_t predecessor);

// Opens the process; nothing if there is none of that number.
std::optional<haproxy_handle> haproxy_open(pid_t pid);

// The HAProxy that the directory's pid file names, if that process lives and was started on this
// directory.
std::optional<haproxy_handle> haproxy_find(const std::filesystem::path& directory);

// Asks it to finish its connections, ends it by force after `grace`, and returns when it is gone.
void haproxy_end(const haproxy_handle& process, std::chrono::milliseconds grace);

// Waits for the death of one process at a time, in a thread of its own.
class haproxy_watch {
public:
  haproxy_watch();
  ~haproxy_watch(); // waits for a callback that runs

  // Whom to watch from now on, instead of any other; nobody: follow({}).
  void follow(haproxy_handle process);

  // What to call, once for each process that has died; also for one that died before this call.
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
