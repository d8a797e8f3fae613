// The ports of this server's instances. An app listens some time after it was given its port, and
// may close it and open it again: a port stays leased until its instance is stopped. Meanwhile no
// other program may get it: its answers would be taken for the app's. Any thread.
#pragma once

#include "engines/logs/file_instance_logs.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"

#include <chrono>
#include <map>

namespace pawl {

// Ports of the range that one sandbox may hold when they run short. An app needs its own, and some
// have a few more for their own use.
inline constexpr std::size_t most_held_ports = 64;

// How long no instance of an app is started after one of it was ended for its ports: the app that
// ran short of ports must come to listen meanwhile.
inline constexpr std::chrono::seconds hoarder_pause{30};

class leased_ports {
public:
  leased_ports(const sandbox_host& host, const file_instance_logs& logs)
      : host_(host), logs_(logs) {}

  // A port for an instance that has none. If no port is free, ends the sandboxes of this server
  // that hold more than most_held_ports; an instance's log says so. resource_exhausted if there is
  // none then either, with the apps that hold most; or during an app's hoarder_pause.
  result<std::uint16_t> lease(const std::string& name, const std::string& app);

  // That an earlier process leased for the instance. Does nothing if it has a port.
  void lease_again(const std::string& name, std::uint16_t port);

  // After the end of the instance.
  void give_back(const std::string& name);

private:
  using clock = std::chrono::steady_clock;
  struct holder {
    std::string job;
    std::string app;    // of an instance; else the job
    descriptor process; // the first one of the sandbox
    std::size_t ports = 0;
  };

  std::vector<holder> holders() const; // those with most first
  bool end_hoarders(const std::vector<holder>& all);
  result<void> check_pause(const std::string& app);
  std::string app_of(const std::string& job) const;
  error shortage(error why) const;

  const sandbox_host& host_;
  const file_instance_logs& logs_;
  std::mutex mutex_;
  std::map<std::string, port_lease> leases_;       // by instance; this and the next: under mutex_
  std::map<std::string, clock::time_point> ended_; // by app: when one was ended for its ports
};

} // namespace pawl
