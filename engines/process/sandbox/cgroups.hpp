// Control groups: they limit the memory, the processors and the number of processes of a build or
// an instance, and tell which processes belong to it. Version 1 and version 2; where neither can be
// written, there are no such limits. Any thread.
#pragma once

#include "posix/port_lease.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace pawl {

struct resource_limits {
  std::uint64_t memory_bytes = 0; // 0: none
  std::uint64_t processes = 0;    // 0: none; threads count
  double cpus = 0;                // 0: none
  port_range closed = {};         // TCP ports that it cannot bind, where guards_ports()
  std::uint16_t own_port = 0;     // but for this one
};

// One group: a directory for each controller in version 1, one directory in version 2, or none.
class cgroup {
public:
  cgroup() = default;
  explicit cgroup(std::vector<std::filesystem::path> directories)
      : directories_(std::move(directories)) {}

  // Descriptors of cgroup.procs, into which a child writes itself before it executes.
  result<std::vector<descriptor>> open_for_entry() const;

  // Its directories, each with its place below /sys/fs/cgroup for a program that takes the group
  // for all there is: the controller's name in version 1, "" in version 2.
  std::vector<std::pair<std::filesystem::path, std::string>> places() const;

  std::vector<pid_t> processes() const;
  std::uint64_t memory_kills() const;      // processes killed at the memory limit
  std::uint64_t memory_limit() const;      // bytes; 0 if there is none
  std::uint64_t processes_refused() const; // forks refused at the limit of processes

  // Kills all processes in the group, and removes it when it is empty; waits 5 s at most. False if
  // a process is still there.
  bool remove() const;

private:
  void kill_processes() const;
  std::uint64_t counted(const std::string& file, const std::string& key) const;

  std::vector<std::filesystem::path> directories_;
};

// The groups of one data directory, below pawl/MARK of each hierarchy.
class cgroups {
public:
  // `root` is where the machine's hierarchies are mounted: /sys/fs/cgroup, except in tests.
  cgroups(const std::filesystem::path& root, std::string mark);

  // Whether groups can be made and written here, and so limits hold.
  bool usable() const { return !bases_.empty(); }

  // Whether groups keep their processes from closed ports: as root, with version 2, also beside
  // version 1.
  bool guards_ports() const { return guards_ports_; }

  // Creates the group, or finds it and sets its limits again; an empty one if not usable().
  result<cgroup> make(const std::string& name, const resource_limits& limits) const;

  cgroup find(const std::string& name) const;
  std::vector<std::string> names() const;

  // Removes directories without a group, so that none of an unused data directory stays.
  void tidy() const;

private:
  bool try_bases(std::vector<std::filesystem::path> bases, bool unified);
  bool set_limits(const std::vector<std::filesystem::path>& directories,
                  const resource_limits& limits) const;

  // HIERARCHY/pawl. The last one is of version 2, if any is: ports are guarded there.
  std::vector<std::filesystem::path> bases_;
  std::string mark_;
  bool unified_ = false;
  bool guards_ports_ = false;
};

} // namespace pawl
