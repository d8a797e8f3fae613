// Tells when containers end: by the daemon's events, and, whenever a daemon answers again after it
// was away, by a look at each of them. While none answers, nothing has ended: containers may go on
// without their daemon.
#pragma once

#include "engines/docker/container_look.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace pawl {

class container_watch {
public:
  struct hooks {
    // Adds further facts about an end, before it is told. From the thread that tells.
    std::function<void(const std::string& container, instance& ended)> complete;
    // A daemon answers again, and this one runs. From the same thread.
    std::function<void(const std::string& container, const instance& running)> found_again;
  };

  container_watch(const docker_host& host, hooks calls);
  ~container_watch(); // drops callbacks that were not due
  container_watch(const container_watch&) = delete;
  container_watch& operator=(const container_watch&) = delete;

  // Begins to watch a running or ended instance; does nothing for a container that is watched.
  void track(const instance& what, const std::string& container);

  // Calls back once, from a thread of this object's, when the instance has ended or forget() was
  // called; soon if it has ended already or is not watched.
  void call_when_ended(const std::string& name, std::function<void(instance)> callback);

  // The instance was stopped: its callbacks become due.
  void forget(const std::string& name);

private:
  struct watched {
    instance known;
    std::string container;
    std::vector<std::function<void(instance)>> callbacks = {};
    bool ended = false;
  };
  struct look_order {
    std::string name;
    std::string container;
    bool again = false; // the daemon was away
  };

  void listen();
  void look_at_all();
  bool take_events(std::string& unread, std::string_view bytes);
  void take_event(const std::string& line);
  void tell();
  void look(const look_order& order);
  void end(const look_order& order, instance ended);
  void make_due(watched& one);

  const docker_host& host_;
  const hooks hooks_;
  std::mutex mutex_; // guards all below
  std::condition_variable_any changed_;
  std::map<std::string, watched> all_; // by name
  std::deque<look_order> looks_;
  std::vector<std::pair<std::function<void(instance)>, instance>> due_;
  std::stop_source stop_;
  std::thread listener_; // takes the events
  std::thread teller_;   // last: looks, and calls back
};

} // namespace pawl
