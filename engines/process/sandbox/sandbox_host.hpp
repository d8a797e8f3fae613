// The surroundings that all sandboxes of one server share: its data directory, the installed
// bubblewrap, the control groups, and the mark that identifies its processes. Any thread.
#pragma once

#include "engines/engine.hpp"
#include "engines/process/network/isolated_networks.hpp"
#include "engines/process/sandbox/cgroups.hpp"
#include "engines/process/sandbox/etc_view.hpp"
#include "engines/process/sandbox/sandbox.hpp"
#include "lifecycle/limits.hpp"
#include "posix/port_lease.hpp"
#include "posix/process_table.hpp"

#include <mutex>
#include <set>

namespace pawl {

struct process_engine_config {
  std::filesystem::path data_dir; // exists, absolute
  // Limits of one build. 2 GiB is enough for an optimising C++ compiler or a web bundler on each of
  // two cores, and not too much for a small server; 512 processes are far above any parallel build,
  // and far below a number that makes a machine unusable.
  std::uint64_t build_memory_bytes = 2 * limits::gib;
  std::uint64_t build_processes = 512;
  std::uint64_t build_disk_bytes = limits::build_disk_bytes; // its tree and its home directory
  // Limit of one instance or release command. Threads count, and some runtimes start several for
  // each core.
  std::uint64_t instance_processes = 1024;
  // Limit of each process in a sandbox: enough for a server of thousands of connections, and less
  // than there are ports for instances.
  std::uint64_t descriptors = 8192;
  port_range ports = instance_ports;                 // from which instances get theirs
  std::uint64_t source_bytes = limits::source_bytes; // the largest source of the source store
  std::filesystem::path cgroup_root = "/sys/fs/cgroup";
  isolated_network_config isolation = {};
  std::filesystem::path etc = "/etc";                // sandboxes see a part of it (etc_view.hpp)
  std::vector<std::filesystem::path> own_files = {}; // of the server; no sandbox sees them there
};

class sandbox_host {
public:
  explicit sandbox_host(process_engine_config config);

  const process_engine_config& config() const { return config_; }
  const cgroups& groups() const { return groups_; }
  const isolated_networks& networks() const { return networks_; }

  // Fills in what is the same for all sandboxes: bubblewrap, the mark, and /etc.
  // unavailable if bubblewrap is not installed.
  result<void> equip(sandbox& box, const std::string& job) const;

  // argv[0] of the outer processes of one job ("build-ID", "release-ID", "instance-NAME"). It has a
  // digest of the data directory's path, so that two servers on a machine do not kill each other's
  // processes.
  std::string mark_of(const std::string& job) const { return mark_prefix_ + job; }

  // Whether sandboxes on this data directory run as a user: those of this process, and for root
  // those of a server of the directory's owner.
  const user_test& users() const { return users_; }

  // Kills all processes of the job, whichever server process started them, and removes its control
  // group. False if a process is left after some seconds.
  bool kill_job(const std::string& job) const;

  // The jobs that have a process or a control group.
  std::set<std::string> jobs_found() const;

  // Kills builds and release commands that an earlier process of this server has left; jobs between
  // begin() and end() are this process's own.
  void kill_leftovers() const;
  void begin(const std::string& job) const;
  void end(const std::string& job) const;

  // The limits for each single process, where there are no control groups for all together.
  std::vector<limit_setting> limits_for(const resource_limits& limits) const;

private:
  result<std::string> bubblewrap() const;

  const process_engine_config config_;
  const std::string mark_digest_;
  const std::string mark_prefix_;
  const user_test users_;
  const cgroups groups_;
  const isolated_networks networks_;
  const etc_source etc_;
  mutable std::mutex mutex_;
  mutable std::multiset<std::string> at_work_; // guarded by mutex_
};

// PATH, HOME, LANG and the like, for a program in a sandbox.
std::map<std::string, std::string> basic_environment(const std::string& home);

} // namespace pawl
