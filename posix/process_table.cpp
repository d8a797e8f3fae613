#include "posix/process_table.hpp"

#include "posix/files.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <set>

#include <dirent.h>

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

bool has_ended(const process_entry& process) {
  return process.state == 'Z' || process.state == 'X';
}

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
  return found && found->started == started && !has_ended(*found);
}

std::vector<process_entry> all_processes() {
  std::vector<process_entry> all;
  for (auto pid : all_pids())
    if (auto found = find_process(pid); found && !has_ended(*found))
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

std::vector<marked_process> marked_processes(const std::string& prefix) {
  std::vector<marked_process> marked;
  for (auto pid : all_pids()) {
    auto command = proc_file(pid, "cmdline");
    if (command.starts_with(prefix))
      marked.push_back({pid, command.substr(0, command.find('\0'))});
  }
  return marked;
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
