#include "config/manifest.hpp"

#include "config/app_place.hpp"
#include "config/container_settings.hpp"
#include "config/processes.hpp"
#include "config/procfile.hpp"
#include "config/table_reader.hpp"
#include "config/values.hpp"
#include "config/variables.hpp"
#include "config/volumes.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/variables.hpp"
#include "lifecycle/written_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t threshold_max = 1000;
constexpr auto health_interval_min = 10ms; // below it an app spends its time on probes
constexpr auto health_deadline_max = 24h;

void read_build_secrets(const toml_table& table, table_reader& reader, build_settings& build) {
  reader.texts("secrets", build.secrets, limits::build_secrets);
  for (const auto& name : build.secrets)
    if (auto good = check_variable_name(name); !good && table.find("secrets") != nullptr)
      return reader.object("secrets", "names variables of the lane, and " + good.error().message);
}

void read_build(const toml_table& table, build_settings& build, problem_list& problems) {
  table_reader reader{table, "build", problems};
  reader.text("command", build.command);
  read_image_build(reader, build, problems);
  reader.time("timeout", build.timeout, 1s, limits::build_timeout_max);
  reader.flag("network", build.network);
  read_variables(reader, "build", "env", build.env, problems);
  read_build_secrets(table, reader, build);
  read_root(reader, build);
  reader.finish();
}

void read_run(const toml_table& table, run_settings& run, problem_list& problems) {
  table_reader reader{table, "run", problems};
  reader.text("command", run.command);
  reader.count("instances", run.instances, 1,
               static_cast<std::uint32_t>(limits::instances_per_lane));
  reader.time("stop_timeout", run.stop_timeout, 0s, limits::stop_timeout_max);
  reader.flag("sticky", run.sticky);
  read_variables(reader, "run", "env", run.env, problems);
  read_confinement(reader, run);
  read_limits(reader, run.memory_bytes, run.millicpus);
  reader.finish();
}

void read_release(const toml_entry& entry, release_settings& release, bool whole,
                  problem_list& problems) {
  table_reader reader{std::get<toml_table>(entry.value), "release", problems};
  reader.text("command", release.command);
  reader.time("timeout", release.timeout, 1s, limits::build_timeout_max);
  reader.finish();
  const auto* command = reader.entry("command");
  bool misshapen = command != nullptr && !std::holds_alternative<std::string>(command->value);
  if (release.command.empty() && !misshapen && whole)
    problems.add(entry.line, "release has no command: give it one, or remove the table");
}

// "shop.example.org", or with a port.
bool is_host_header(std::string_view text) {
  const auto name = text.substr(0, text.find(':'));
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  return plain && !name.empty() && name.size() <= limits::host_name_bytes &&
         (name.size() == text.size() || is_host_and_port(text));
}

void read_health_host(const toml_table& table, table_reader& reader, health_settings& health) {
  std::string host;
  reader.text("host", host);
  const auto* found = table.find("host");
  if (found == nullptr || !std::holds_alternative<std::string>(found->value))
    return;
  if (!is_host_header(host))
    return reader.object("host", "must be a host name, such as \"shop.example.org\"; a port may "
                                 "follow, as in \"localhost:3000\"");
  health.host = host;
}

void read_health(const toml_table& table, health_settings& health, problem_list& problems) {
  table_reader reader{table, "health", problems};
  std::string path;
  reader.text("path", path);
  read_health_host(table, reader, health);
  reader.time("interval", health.interval, health_interval_min, 1h);
  reader.time("timeout", health.timeout, health_interval_min, 1h);
  reader.count("healthy_threshold", health.healthy_threshold, 1, threshold_max);
  reader.time("deadline", health.deadline, 1s, health_deadline_max);
  reader.finish();
  bool has_path = table.find("path") != nullptr;
  bool clean = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (has_path && (!path.starts_with('/') || !clean))
    reader.object("path", "must begin with / and have no spaces, control characters or letters "
                          "beyond ASCII");
  else if (has_path)
    health.path = path;
  if (health.interval * (health.healthy_threshold - 1) >= health.deadline)
    reader.object(table.find("deadline") != nullptr ? "deadline" : "healthy_threshold",
                  "leaves no time for healthy_threshold checks, one each interval");
}

void has_no_web(manifest& m) {
  m.run.instances = 0;
}

void find_run_command(const toml_table& root, std::optional<std::string_view> procfile, manifest& m,
                      start_command start, problem_list& problems) {
  if (!m.run.command.empty())
    return;
  const auto* run = root.find("run");
  const auto* table = run == nullptr ? nullptr : std::get_if<toml_table>(&run->value);
  const auto* command = table == nullptr ? nullptr : table->find("command");
  if (command != nullptr && !std::holds_alternative<std::string>(command->value))
    return; // the wrong type has been reported
  if (procfile)
    if (auto web = command_of(read_procfile(*procfile), "web")) {
      m.run.command = *web;
      return;
    }
  // A Procfile names all processes of an app, also where an image has a command.
  const bool has_others = !m.processes.empty();
  if (has_others && procfile && run == nullptr && !names_containers(m))
    return has_no_web(m);
  if (start == start_command::may_be_of_image || names_containers(m))
    return;
  if (has_others)
    return has_no_web(m);
  problems.add(fmt::format("nothing says how to start the app: add a command to the [run] table, "
                           "such as command = \"./bin/server\"{}",
                           procfile ? "; the Procfile has no web line either"
                                    : ", or a Procfile with a web line"));
}

} // namespace

result<manifest> read_manifest(std::string_view toml, std::optional<std::string_view> procfile,
                               app_name needs, start_command start) {
  if (toml.size() > limits::manifest_bytes ||
      (procfile && procfile->size() > limits::manifest_bytes))
    return error{errc::too_large,
                 fmt::format("pawl.toml and Procfile may have {} bytes each, and one has more",
                             limits::manifest_bytes),
                 {}};
  if (procfile && is_utf16(*procfile))
    return error{errc::invalid_argument, "the Procfile is in UTF-16: save it in UTF-8", {}};
  if (procfile && procfile->find('\0') != std::string_view::npos) // no command can have it
    return error{errc::invalid_argument,
                 "the Procfile has a byte that is 0, and is no text so: save it in UTF-8",
                 {}};
  manifest m;
  problem_list problems;
  auto root = read_toml(toml, problems);
  if (!root)
    return problems.to_error();
  const bool whole = problems.empty(); // else what is missing may stand where it cannot be read
  if (procfile)
    m.release.command = command_of(read_procfile(*procfile), "release").value_or("");
  table_reader reader{*root, "", problems};
  reader.text("app", m.app);
  if (root->find("app") != nullptr && std::holds_alternative<std::string>(root->find("app")->value))
    if (auto name = check_name("app", m.app); !name)
      problems.add(root->find("app")->line, name.error().message);
  if (const auto* build = reader.table("build"))
    read_build(std::get<toml_table>(build->value), m.build, problems);
  if (const auto* run = reader.table("run"))
    read_run(std::get<toml_table>(run->value), m.run, problems);
  if (const auto* release = reader.table("release"))
    read_release(*release, m.release, whole, problems);
  if (const auto* health = reader.table("health"))
    read_health(std::get<toml_table>(health->value), m.health, problems);
  read_volumes(reader, m.volumes, problems);
  if (const auto* processes = reader.table("process"))
    read_processes(*processes, m.processes, problems);
  if (const auto* deploy = reader.table("deploy"))
    read_deploy(*deploy, m.deploy, problems);
  if (procfile)
    add_procfile(read_procfile(*procfile), m.processes, problems);
  read_cluster(reader, m);
  reader.finish();
  if (whole) {
    find_run_command(*root, procfile, m, start, problems);
    check_processes(m, problems);
  }
  if (whole && needs == app_name::required && m.app.empty() && root->find("app") == nullptr)
    problems.add("no app is named: add app = \"NAME\" at the beginning, or use -a APP");
  if (!problems.empty())
    return problems.to_error();
  return m;
}

} // namespace pawl::config
