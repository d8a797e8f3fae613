// Control groups: what bounds the memory, the processors and the number of processes of a build or
// an instance, and says which processes belong to it. Version 1 and version 2; where neither can be
// written, nothing is bounded by them.
#pragma once

#include "posix/files.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pawl {

struct resource_limits {
  std::uint64_t memory_bytes = 0; // 0: none
  std::uint64_t processes = 0;    // 0: none; threads count
  double cpus = 0;                // 0: none
};

// One group: a directory for each controller of version 1, one directory of version 2, or none.
class cgroup {
public:
  cgroup() = default;
  explicit cgroup(std::vector<std::filesystem::path> directories)
      : directories_(std::move(directories)) {}

  // Of cgroup.procs, for a child to write itself into before it executes.
  result<std::vector<descriptor>> open_for_entry() const;

  std::vector<pid_t> processes() const;
  std::uint64_t memory_kills() const;      // processes that the memory limit has killed
  std::uint64_t memory_limit() const;      // bytes; 0 if there is none
  std::uint64_t processes_refused() const; // forks that the limit of processes has refused

  // Kills whatever is inside, and removes the group once it is empty; waits for that 5 s at most.
  // False if something is still there.
  bool remove() const;

private:
  std::uint64_t counted(const std::string& file, const std::string& key) const;

  std::vector<std::filesystem::path> directories_;
};

// The groups of one data directory, below pawl/MARK of each hierarchy.
class cgroups {
public:
  // `root` is where the machine's hierarchies are mounted, /sys/fs/cgroup but for tests.
  cgroups(const std::filesystem::path& root, std::string mark);

  // Whether limits hold: a group could be made and written.
  bool usable() const { return !bases_.empty(); }

  // Makes the group, or finds it and sets its limits again. Without usable(), an empty one.
  result<cgroup> make(const std::string& name, const resource_limits& limits) const;

  cgroup find(const std::string& name) const;
  std::vector<std::string> names() const;

  // Removes what holds no group any more: nothing of an unused data directory stays.
  void tidy() const;

private:
  bool try_bases(std::vector<std::filesystem::path> bases, bool unified);

  std::vector<std::filesystem::path> bases_; // HIERARCHY/pawl
  std::string mark_;
  bool unified_ = false;
};

} // namespace pawl
