// One thread that keeps the logs of running instances within their bound, notes when they grow
// (log_times.hpp), and calls back when one has grown. It waits for inotify, so it sleeps while
// nothing is printed. A log that is written all the time is looked at a few times a second.
#pragma once

#include "engines/logs/log_times.hpp"
#include "posix/files.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace pawl {

class log_watcher {
public:
  // The logs are files in this directory, named after their instances.
  explicit log_watcher(std::filesystem::path directory);
  ~log_watcher();
  log_watcher(const log_watcher&) = delete;
  log_watcher& operator=(const log_watcher&) = delete;

  // The instance runs: its log is bounded, and its growth is noted, from now on.
  void track(const std::string& name);

  // The instance was stopped: all callbacks for its log are called.
  void forget(const std::string& name);

  // Calls back once, from the watcher's thread, when the log is longer than `size` or is forgotten.
  // Destroying the returned object cancels the callback, unless it is already running.
  std::shared_ptr<void> call_when_longer(const std::string& name, std::uint64_t size,
                                         std::function<void()> callback);

private:
  using clock = std::chrono::steady_clock;
  using callbacks = std::vector<std::shared_ptr<std::function<void()>>>;

  struct waiter {
    std::uint64_t size = 0;
    std::weak_ptr<std::function<void()>> callback;
  };
  struct watched {
    std::optional<log_times> times = {}; // of an instance that runs
    std::vector<waiter> waiters;
    int watch = -1; // of inotify, while it is armed
    std::uint64_t size = 0;
    clock::time_point looked = {};
    std::optional<clock::time_point> due = {}; // the next look
  };

  void run();
  void wake();
  void take_events();
  int until_next(clock::time_point now) const;
  void look(const std::string& name, watched& one, clock::time_point now, callbacks& calls);
  void arm(const std::string& name, watched& one, clock::time_point now);
  static clock::duration pause_of(const watched& one, bool fast);

  const std::filesystem::path directory_;
  descriptor inotify_;
  descriptor wake_;
  std::mutex mutex_; // guards all below
  bool stopping_ = false;
  std::map<std::string, watched> all_;
  std::thread thread_; // last: it uses the others
};

} // namespace pawl
