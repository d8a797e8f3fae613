#include "posix/process_table.hpp"

#include "posix/child_process.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <sstream>

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pawl {

namespace {

std::vector<pid_t> all_pids() {
  std::vector<pid_t> pids;
  auto* directory = ::opendir("/proc");
  if (directory == nullptr)
    return pids;
  while (const auto* entry = ::readdir(directory)) { // NOLINT(concurrency-mt-unsafe)
    std::string_view name = entry->d_name;
    pid_t pid = 0;
    auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem == std::errc{} && end == name.data() + name.size())
      pids.push_back(pid);
  }
  ::closedir(directory);
  return pids;
}

std::string proc_file(pid_t pid, const char* name) {
  auto text = read_file("/proc/" + std::to_string(pid) + "/" + name, 1024 * 1024);
  return text ? *std::move(text) : std::string{};
}

std::vector<pid_t> numbers_in(const std::string& text) {
  std::istringstream words{text};
  std::vector<pid_t> numbers;
  for (pid_t number = 0; words >> number;)
    numbers.push_back(number);
  return numbers;
}

// The words of the kernel on a process.
struct standing {
  char state = 'X';
  uid_t user = static_cast<uid_t>(-1); // the real one
  pid_t parent = 0;
  std::vector<pid_t> numbers; // in this namespace of processes and in those below that it is in
};

standing standing_of(pid_t pid) {
  standing found;
  std::istringstream status{proc_file(pid, "status")};
  for (std::string line; std::getline(status, line);) {
    const auto colon = std::min(line.find(':'), line.size());
    const auto key = line.substr(0, colon);
    std::istringstream values{line.substr(std::min(colon + 1, line.size()))};
    if (key == "State")
      values >> found.state;
    else if (key == "Uid")
      values >> found.user;
    else if (key == "PPid")
      values >> found.parent;
    else if (key == "NSpid")
      found.numbers = numbers_in(values.str());
  }
  return found;
}

bool has_ended(char state) {
  return state == 'Z' || state == 'X';
}

bool exists(const descriptor& process) {
  return process && ::syscall(SYS_pidfd_send_signal, process.get(), 0, nullptr, 0) == 0;
}

// A process that was opened before it was looked at, and existed after that: all of this is of one
// process, also if its number is used again.
struct seen_process {
  descriptor process;
  standing stands;
  std::string name; // argv[0]
};

std::optional<seen_process> look_at(pid_t pid) {
  seen_process seen{open_process(pid), {}, {}};
  seen.stands = standing_of(pid);
  seen.name = called_as(pid);
  if (!exists(seen.process) || has_ended(seen.stands.state))
    return std::nullopt;
  return seen;
}

bool descends_from(pid_t pid, pid_t ancestor) {
  for (auto entry = find_process(pid); entry && entry->parent > 0;
       entry = find_process(entry->parent))
    if (entry->parent == ancestor)
      return true;
  return false;
}

// The sandboxes that marked_processes() finds.
class sandbox_search {
public:
  sandbox_search(const std::string& prefix, const user_test& is_user)
      : prefix_(prefix), is_user_(is_user), depth_(standing_of(::getpid()).numbers.size()) {}

  std::vector<marked_process> run() {
    for (auto pid : all_pids())
      if (called_as(pid).starts_with(prefix_))
        note(pid);
    for (const auto& [pid, process] : outer_)
      for (auto child : numbers_in(proc_file(pid, fmt::format("task/{}/children", pid).c_str())))
        if (auto seen = look_at(child); seen && is_first_inside(seen->stands))
          inside_.insert_or_assign(child, *std::move(seen));
    std::vector<marked_process> found;
    for (auto& [pid, seen] : inside_)
      if (auto mark = mark_inside(seen))
        found.push_back({pid, std::move(seen.process), *std::move(mark), true});
    for (auto& [pid, seen] : outer_)
      found.push_back({pid, std::move(seen.process), std::move(seen.name), false});
    return found;
  }

private:
  bool is_first_inside(const standing& one) const {
    return one.numbers.size() == depth_ + 1 && one.numbers.back() == 1;
  }

  void note(pid_t pid) {
    auto seen = look_at(pid);
    if (!seen || !seen->name.starts_with(prefix_))
      return;
    if (is_first_inside(seen->stands))
      inside_.emplace(pid, *std::move(seen));
    else if (seen->stands.numbers.size() == depth_ && is_user_(seen->stands.user, false))
      outer_.emplace(pid, *std::move(seen));
  }

  // While the parent exists, its number means it.
  std::optional<std::string> mark_inside(const seen_process& seen) const {
    const auto parent = outer_.find(seen.stands.parent);
    if (parent != outer_.end() && exists(parent->second.process))
      return parent->second.name;
    if (seen.name.starts_with(prefix_) && is_user_(seen.stands.user, true))
      return seen.name;
    return std::nullopt;
  }

  const std::string& prefix_;
  const user_test& is_user_;
  const std::size_t depth_; // of namespaces of processes, down to this process's
  std::map<pid_t, seen_process> outer_;
  std::map<pid_t, seen_process> inside_;
};

} // namespace

std::optional<process_entry> find_process(pid_t pid) {
  auto text = proc_file(pid, "stat");
  auto name_end = text.rfind(')'); // the name before it may hold anything
  if (name_end == std::string::npos)
    return std::nullopt;
  process_entry found;
  found.pid = pid;
  unsigned long long started = 0;
  // Fields 3 and 4, and 22 behind seventeen others.
  auto read = std::sscanf(text.c_str() + name_end + 1, // NOLINT(cert-err34-c)
                          " %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                          "%*s %llu",
                          &found.state, &found.parent, &started);
  if (read != 3)
    return std::nullopt;
  found.started = started;
  return found;
}

bool is_running(pid_t pid, std::uint64_t started) {
  auto found = pid > 0 ? find_process(pid) : std::nullopt;
  return found && found->started == started && !has_ended(found->state);
}

std::vector<process_entry> all_processes() {
  std::vector<process_entry> all;
  for (auto pid : all_pids())
    if (auto found = find_process(pid); found && !has_ended(found->state))
      all.push_back(*found);
  return all;
}

std::vector<pid_t> descendants(pid_t ancestor) {
  auto all = all_processes();
  std::set<pid_t> family{ancestor};
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& process : all)
      if (family.contains(process.parent) && family.insert(process.pid).second)
        grown = true;
  }
  family.erase(ancestor);
  return {family.begin(), family.end()};
}

// One that descends from the ancestor after it was opened is the one that was opened, or that one
// has ended.
void signal_descendants(pid_t ancestor, int signal, std::set<pid_t>& told) {
  for (auto pid : descendants(ancestor)) {
    if (told.contains(pid))
      continue;
    const auto process = open_process(pid);
    if (!process || !descends_from(pid, ancestor))
      continue;
    signal_process(process, signal);
    told.insert(pid);
  }
}

std::vector<marked_process> marked_processes(const std::string& prefix, const user_test& is_user) {
  return sandbox_search{prefix, is_user}.run();
}

std::string called_as(pid_t pid) {
  auto command = proc_file(pid, "cmdline");
  return command.substr(0, command.find('\0'));
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id", 100);
  return text ? text->substr(0, text->find('\n')) : std::string{};
}

} // namespace pawl
