// What all sandboxes of one server share: where its data is, the bubblewrap that is installed, the
// control groups, and the mark by which its processes are known.
#pragma once

#include "engines/process/sandbox/cgroups.hpp"
#include "engines/process/sandbox/sandbox.hpp"
#include "lifecycle/limits.hpp"

#include <mutex>
#include <set>

namespace pawl {

struct process_engine_config {
  std::filesystem::path data_dir; // exists, absolute
  // Of one build. 2 GiB lets an optimising C++ compiler or a web bundler work on each of two cores
  // of a small server without taking it down; 512 processes are far above any parallel build, and
  // far below what makes a machine unusable.
  std::uint64_t build_memory_bytes = 2 * limits::gib;
  std::uint64_t build_processes = 512;
  std::uint64_t build_disk_bytes = limits::build_disk_bytes; // its tree and its home directory
  // Of one instance or release command; threads count, and some runtimes start one for each core
  // and more.
  std::uint64_t instance_processes = 1024;
  std::uint64_t source_bytes = limits::source_bytes; // as the source store takes them at most
  std::filesystem::path cgroup_root = "/sys/fs/cgroup";
};

class sandbox_host {
public:
  explicit sandbox_host(process_engine_config config);

  const process_engine_config& config() const { return config_; }
  const cgroups& groups() const { return groups_; }

  // The installed program; unavailable if there is none.
  result<std::string> bubblewrap() const;

  // argv[0] of the outer processes of one job ("build-ID", "release-ID", "instance-NAME"): it holds
  // a digest of the data directory's path, so that two servers on a machine leave each other alone.
  std::string mark_of(const std::string& job) const { return mark_prefix_ + job; }

  // Kills by force what runs under this mark, whoever started it, and removes its control group.
  // False if something is left after some seconds.
  bool kill_job(const std::string& job) const;

  // The jobs that run, or that have a control group.
  std::set<std::string> jobs_found() const;

  // Kills what other jobs than instances an earlier process of this server has left; those between
  // begin() and end() are at work in this one.
  void kill_leftovers() const;
  void begin(const std::string& job) const;
  void end(const std::string& job) const;

  // Without control groups, each process is bounded by what the kernel offers for one.
  std::vector<limit_setting> limits_for(const resource_limits& limits) const;

private:
  const process_engine_config config_;
  const std::string mark_digest_;
  const std::string mark_prefix_;
  const cgroups groups_;
  mutable std::mutex mutex_;
  mutable std::multiset<std::string> at_work_; // guarded by mutex_
};

// PATH, HOME, LANG and the like, for what runs in a sandbox.
std::map<std::string, std::string> basic_environment(const std::string& home);

} // namespace pawl
