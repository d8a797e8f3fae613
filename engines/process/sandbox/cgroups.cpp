#include "engines/process/sandbox/cgroups.hpp"

#include "engines/process/sandbox/port_guard.hpp"
#include "posix/child_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <set>
#include <sstream>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr int cpu_period_us = 100'000;

bool write_setting(const fs::path& file, const std::string& value) {
  auto opened = open_file(file, O_WRONLY);
  return opened && write_all(opened->get(), value).has_value();
}

// The directory of a group in a hierarchy of version 1: HIERARCHY/pawl/MARK/NAME.
std::string controller_of(const fs::path& directory) {
  return directory.parent_path().parent_path().parent_path().filename();
}

bool set_limits_v1(const std::vector<fs::path>& directories, const resource_limits& limits) {
  bool set = true;
  for (const auto& directory : directories) {
    const auto controller = controller_of(directory);
    if (controller == "memory" && limits.memory_bytes > 0) {
      auto bytes = std::to_string(limits.memory_bytes);
      // Memory and swap together may never be less than memory alone: the order depends on what
      // was set before. Without swap accounting there is no second file.
      write_setting(directory / "memory.memsw.limit_in_bytes", "-1");
      set = write_setting(directory / "memory.limit_in_bytes", bytes) && set;
      write_setting(directory / "memory.memsw.limit_in_bytes", bytes);
    }
    if (controller == "pids" && limits.processes > 0)
      set = write_setting(directory / "pids.max", std::to_string(limits.processes)) && set;
    if (controller == "cpu" && limits.cpus > 0)
      set = write_setting(directory / "cpu.cfs_period_us", std::to_string(cpu_period_us)) &&
            write_setting(directory / "cpu.cfs_quota_us",
                          std::to_string(static_cast<long>(limits.cpus * cpu_period_us))) &&
            set;
  }
  return set;
}

bool set_limits_v2(const fs::path& directory, const resource_limits& limits) {
  bool set = true;
  if (limits.memory_bytes > 0) {
    set = write_setting(directory / "memory.max", std::to_string(limits.memory_bytes));
    write_setting(directory / "memory.swap.max", "0"); // missing where there is no swap
  }
  if (limits.processes > 0)
    set = write_setting(directory / "pids.max", std::to_string(limits.processes)) && set;
  if (limits.cpus > 0)
    set = write_setting(directory / "cpu.max",
                        fmt::format("{} {}", static_cast<long>(limits.cpus * cpu_period_us),
                                    cpu_period_us)) &&
          set;
  return set;
}

// Where pawld itself is in version 2; its parent is where a user's service manager lets it make
// groups beside its own.
fs::path own_parent(const fs::path& root) {
  auto text = read_file("/proc/self/cgroup", 64 * 1024);
  if (!text)
    return root;
  std::istringstream lines{*text};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("0::/"))
      return root / fs::path{line.substr(4)}.parent_path();
  return root;
}

// A new group of this controller of version 1 takes no process before it has processors and memory.
void inherit_cpuset(const fs::path& directory) {
  for (const auto* file : {"cpuset.cpus", "cpuset.mems"})
    if (auto own = read_file(directory / file, 4096); own && own->size() <= 1)
      if (auto above = read_file(directory.parent_path() / file, 4096))
        write_setting(directory / file, *above);
}

// Open to the app, which sees its own group: whatever the server's umask is.
bool make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0755) != 0)
    return errno == EEXIST;
  ::chmod(path.c_str(), 0755);
  return true;
}

} // namespace

result<std::vector<descriptor>> cgroup::open_for_entry() const {
  std::vector<descriptor> entries;
  for (const auto& directory : directories_) {
    auto entry = open_file(directory / "cgroup.procs", O_WRONLY);
    if (!entry)
      return std::move(entry).error();
    entries.push_back(std::move(*entry));
  }
  return entries;
}

std::vector<std::pair<fs::path, std::string>> cgroup::places() const {
  std::vector<std::pair<fs::path, std::string>> found;
  for (const auto& directory : directories_)
    found.emplace_back(directory, directories_.size() == 1 ? "" : controller_of(directory));
  return found;
}

std::vector<pid_t> cgroup::processes() const {
  std::vector<pid_t> inside;
  for (const auto& directory : directories_) {
    auto text = read_file(directory / "cgroup.procs", 4 * 1024 * 1024);
    if (!text)
      continue;
    std::istringstream numbers{*text};
    for (pid_t pid = 0; numbers >> pid;)
      inside.push_back(pid);
  }
  return inside;
}

std::uint64_t cgroup::counted(const std::string& file, const std::string& key) const {
  std::uint64_t sum = 0;
  for (const auto& directory : directories_) {
    auto text = read_file(directory / file, 64 * 1024);
    if (!text)
      continue;
    std::istringstream lines{*text};
    std::string name;
    for (std::uint64_t value = 0; lines >> name >> value;)
      if (name == key)
        sum += value;
  }
  return sum;
}

std::uint64_t cgroup::memory_kills() const {
  return counted("memory.oom_control", "oom_kill") + counted("memory.events", "oom_kill");
}

std::uint64_t cgroup::memory_limit() const {
  for (const auto& directory : directories_)
    for (const auto* file : {"memory.limit_in_bytes", "memory.max"})
      if (auto text = read_file(directory / file, 100))
        if (auto bytes = std::strtoull(text->c_str(), nullptr, 10); bytes > 0)
          return bytes;
  return 0;
}

std::uint64_t cgroup::processes_refused() const {
  return counted("pids.events", "max");
}

// By pidfd: a number that was read may be another process's when it is used. One that is in the
// group after it was opened is the one that was opened, or that has ended.
void cgroup::kill_processes() const {
  constexpr std::size_t at_once = 64; // descriptors: a group has as many processes as its limit
  const auto all = processes();
  for (std::size_t begin = 0; begin < all.size(); begin += at_once) {
    std::vector<std::pair<pid_t, descriptor>> opened;
    for (std::size_t i = begin; i < std::min(begin + at_once, all.size()); ++i)
      opened.emplace_back(all[i], open_process(all[i]));
    const auto now = processes();
    const std::set<pid_t> present{now.begin(), now.end()};
    for (const auto& [pid, process] : opened)
      if (present.contains(pid))
        signal_process(process, SIGKILL);
  }
}

bool cgroup::remove() const {
  // A group becomes empty a moment after its last process was waited for, and version 1 has no
  // event for that: this polls.
  for (int attempt = 0; attempt < 500; ++attempt) {
    kill_processes();
    bool gone = true;
    for (const auto& directory : directories_)
      gone = (::rmdir(directory.c_str()) == 0 || errno == ENOENT) && gone;
    if (gone)
      return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

cgroups::cgroups(const fs::path& root, std::string mark) : mark_(std::move(mark)) {
  if (fs::exists(root / "cgroup.controllers")) {
    if (!try_bases({root / "pawl"}, true))
      try_bases({own_parent(root) / "pawl"}, true);
    return;
  }
  const std::vector<fs::path> first{root / "memory" / "pawl", root / "pids" / "pawl",
                                    root / "cpu" / "pawl"};
  // Nothing is limited there, but Java believes none of its limits unless it sees all of these.
  auto more = first;
  for (const auto* controller : {"cpuacct", "cpuset"})
    if (fs::is_directory(fs::symlink_status(root / controller)))
      more.push_back(root / controller / "pawl");
  // The hierarchy of version 2 that systemd and others mount beside version 1 has no controllers,
  // but takes programs.
  for (auto bases : {more, first}) {
    auto both = bases;
    both.push_back(root / "unified" / "pawl");
    if (fs::exists(root / "unified" / "cgroup.controllers") && try_bases(std::move(both), false))
      return;
    if (try_bases(std::move(bases), false))
      return;
  }
}

bool cgroups::try_bases(std::vector<fs::path> bases, bool unified) {
  bases_ = std::move(bases);
  unified_ = unified;
  const auto name = "probe-" + std::to_string(::getpid());
  auto probe = make(name, {64 * 1024 * 1024, 16, 1.0});
  bool works = probe && probe->open_for_entry().has_value();
  guards_ports_ = works && guard_ports(bases_.back() / mark_ / name, instance_ports, 0);
  if (probe)
    probe->remove();
  tidy();
  if (!works)
    bases_.clear();
  return works;
}

result<cgroup> cgroups::make(const std::string& name, const resource_limits& limits) const {
  std::vector<fs::path> directories;
  for (const auto& base : bases_) {
    auto directory = base / mark_ / name;
    bool made = false;
    // Another server's tidy() may remove an empty parent between two steps.
    for (int attempt = 0; attempt < 5 && !made; ++attempt) {
      for (const auto& step : {base, base / mark_}) {
        if (unified_)
          write_setting(step.parent_path() / "cgroup.subtree_control", "+memory +pids +cpu");
        make_directory(step);
        if (!unified_)
          inherit_cpuset(step);
      }
      if (unified_)
        write_setting(base / mark_ / "cgroup.subtree_control", "+memory +pids +cpu");
      made = make_directory(directory);
      if (!unified_)
        inherit_cpuset(directory);
    }
    if (!made)
      return system_error("create the control group " + directory.string(), errno);
    directories.push_back(directory);
  }
  if (!directories.empty() && !set_limits(directories, limits))
    return error{errc::unavailable,
                 fmt::format("the limits of the control group {} could not be set",
                             directories.front().string()),
                 {}};
  return cgroup{std::move(directories)};
}

bool cgroups::set_limits(const std::vector<fs::path>& directories,
                         const resource_limits& limits) const {
  const bool set =
      unified_ ? set_limits_v2(directories.front(), limits) : set_limits_v1(directories, limits);
  return set && (!guards_ports_ || limits.closed.last == 0 ||
                 guard_ports(directories.back(), limits.closed, limits.own_port));
}

cgroup cgroups::find(const std::string& name) const {
  std::vector<fs::path> directories;
  for (const auto& base : bases_)
    directories.push_back(base / mark_ / name);
  return cgroup{std::move(directories)};
}

std::vector<std::string> cgroups::names() const {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& base : bases_)
    for (const auto& entry : fs::directory_iterator{base / mark_, ignored})
      if (entry.is_directory(ignored))
        found.push_back(entry.path().filename().string());
  return found;
}

void cgroups::tidy() const {
  for (const auto& base : bases_) {
    ::rmdir((base / mark_).c_str());
    ::rmdir(base.c_str());
  }
}

} // namespace pawl
