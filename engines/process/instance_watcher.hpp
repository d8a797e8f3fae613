// One thread that waits for the ends of instances, which need not be children of this process.
#pragma once

#include "engines/engine.hpp"
#include "posix/child_process.hpp"

#include <map>
#include <mutex>
#include <thread>

namespace pawl {

class instance_watcher {
public:
  struct subject {
    pawl::instance instance;
    std::filesystem::path directory;                    // with its status file
    descriptor outer_process;                           // empty: has ended
    descriptor init_process;                            // empty: has ended
    std::function<void(pawl::instance&)> complete = {}; // adds further facts about its end
  };

  instance_watcher();
  ~instance_watcher(); // drops callbacks that were not due
  instance_watcher(const instance_watcher&) = delete;
  instance_watcher& operator=(const instance_watcher&) = delete;

  // Begins to watch an instance; does nothing if it is watched already.
  void track(subject what);

  // Calls back once from the watcher's thread, when the instance has ended or forget() was called;
  // soon if it has ended already, or, with `unknown`, if it is not watched.
  void call_when_ended(const std::string& name, std::function<void(instance)> callback,
                       instance unknown);

  // The instance was stopped: its callbacks become due.
  void forget(const std::string& name);

private:
  struct tracked {
    subject what;
    std::vector<std::function<void(instance)>> callbacks;
    std::uint64_t ticket = 0; // tells it from a later instance of the same name in the epoll set
    bool ended = false;
  };

  void run();
  void handle(std::uint64_t event);
  void end(tracked& one);
  void wake();

  descriptor epoll_;
  descriptor wake_;
  std::mutex mutex_; // guards all below
  bool stopping_ = false;
  std::uint64_t next_ticket_ = 1;
  std::map<std::string, tracked> all_;
  std::vector<std::pair<std::function<void(instance)>, instance>> due_;
  std::thread thread_; // last: it uses the others
};

// The exit status of an instance's command, if its sandbox has written it down.
std::optional<int> recorded_exit(const std::filesystem::path& directory);

} // namespace pawl
