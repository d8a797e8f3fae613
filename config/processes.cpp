#include "config/processes.hpp"

#include "config/variables.hpp"
#include "lifecycle/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pawl::config {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t process_memory_max = 64 * 1024 * limits::gib; // as of a cluster
constexpr double process_cpus_least = 0.01;
constexpr double process_cpus_most = 1024;
constexpr double milli = 1000;

// It is part of the names of instances, and of what engines make of these.
bool can_name_process(std::string_view name) {
  auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= limits::process_name_bytes && word(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return word(c) || c == '_' || c == '-'; });
}

// The name is anything that a file may have in its place.
std::string bad_name(std::string_view where, std::string_view name) {
  std::string shown{name.substr(0, limits::process_name_bytes)};
  for (char& c : shown)
    if (!can_name_process(std::string_view{&c, 1}) && c != '_' && c != '-' && c != '.')
      c = '?';
  return fmt::format("{} \"{}\" cannot be the name of a process: use 1 to {} letters, digits, _ "
                     "and -, with a letter or a digit first",
                     where, shown, limits::process_name_bytes);
}

std::string too_many() {
  return fmt::format("an app has at most {} processes beside web; remove some", limits::processes);
}

process_settings* find(std::vector<process_settings>& all, std::string_view name) {
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const process_settings& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void read_process(const toml_entry& entry, process_settings& process, problem_list& problems) {
  const auto table = "process." + entry.key;
  table_reader reader{std::get<toml_table>(entry.value), table, problems};
  reader.text("command", process.command);
  reader.count("instances", process.instances, 1,
               static_cast<std::uint32_t>(limits::instances_per_lane));
  reader.time("settle", process.settle, 0s, limits::settle_max);
  reader.time("stop_timeout", process.stop_timeout, 0s, limits::stop_timeout_max);
  read_limits(reader, process.memory_bytes, process.millicpus);
  read_variables(reader, table, "env", process.env, problems);
  reader.finish();
}

} // namespace

void read_limits(table_reader& reader, std::uint64_t& memory_bytes, std::uint32_t& millicpus) {
  reader.size("memory", memory_bytes, limits::mib, process_memory_max);
  double cpus = 0;
  reader.number("cpus", cpus, process_cpus_least, process_cpus_most);
  if (cpus > 0)
    millicpus = static_cast<std::uint32_t>(std::lround(cpus * milli));
}

void read_processes(const toml_entry& entry, std::vector<process_settings>& processes,
                    problem_list& problems) {
  for (const auto& one : std::get<toml_table>(entry.value).entries) {
    if (one.key == web_process)
      problems.add(one.line, "process.web is not a table: the process web is set in [run]");
    else if (one.key == "release")
      problems.add(one.line, "process.release is not a table: the release command is set in "
                             "[release]");
    else if (!can_name_process(one.key))
      problems.add(one.line, bad_name("the table [process.NAME]:", one.key));
    else if (!std::holds_alternative<toml_table>(one.value))
      problems.add(one.line,
                   fmt::format("process.{0} must be a table, such as [process.{0}] with a line "
                               "command = \"./work\"",
                               one.key));
    else if (processes.size() == limits::processes)
      return problems.add(one.line, too_many());
    else
      read_process(one, processes.emplace_back(process_settings{one.key, {}}), problems);
  }
}

void read_deploy(const toml_entry& entry, deploy_settings& deploy, problem_list& problems) {
  table_reader reader{std::get<toml_table>(entry.value), "deploy", problems};
  std::string strategy = "switch";
  reader.text("strategy", strategy);
  if (strategy != "switch" && strategy != "replace")
    reader.object("strategy", "must be \"switch\" (new instances start beside the old ones) or "
                              "\"replace\" (the old ones stop first)");
  deploy.replaces = strategy == "replace";
  reader.finish();
}

void add_procfile(const std::vector<procfile_process>& lines,
                  std::vector<process_settings>& processes, problem_list& problems) {
  for (const auto& line : lines) {
    if (line.name == web_process || line.name == "release")
      continue;
    if (!can_name_process(line.name)) {
      problems.add(bad_name("the Procfile:", line.name));
    } else if (auto* known = find(processes, line.name)) {
      if (known->command.empty())
        known->command = line.command;
    } else if (processes.size() == limits::processes) {
      return problems.add(too_many());
    } else {
      processes.push_back({line.name, line.command});
    }
  }
}

void check_processes(const manifest& app, problem_list& problems) {
  std::uint64_t total = app.run.instances;
  for (const auto& one : app.processes) {
    total += one.instances;
    if (one.command.empty())
      problems.add(fmt::format("process.{0} has no command: add one to [process.{0}], such as "
                               "command = \"./work\", or a line {0}: to the Procfile",
                               one.name));
  }
  if (total > limits::instances_per_lane)
    problems.add(fmt::format("the processes have {} instances together, but {} is the most: lower "
                             "instances",
                             total, limits::instances_per_lane));
}

} // namespace pawl::config
