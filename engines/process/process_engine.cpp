#include "engines/process/process_engine.hpp"

#include "engines/process/instance_output.hpp"
#include "engines/process/process_builds.hpp"
#include "engines/process/process_instances.hpp"
#include "engines/process/process_volumes.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace pawl {

struct process_engine::parts {
  explicit parts(process_engine_config config)
      : host(std::move(config)), builds(host),
        logs(host.config().data_dir / "logs",
             [this](const std::string& name) {
               std::error_code ignored;
               return !std::filesystem::exists(host.config().data_dir / "instances" / name,
                                               ignored);
             }),
        volumes(host), instances(host, logs, volumes) {}

  sandbox_host host;
  process_builds builds;
  file_instance_logs logs;
  process_volumes volumes;
  process_instances instances;
};

namespace {

std::string sysctl(const std::string& path) {
  auto text = read_file("/proc/sys/" + path, 100);
  return text ? text->substr(0, text->find('\n')) : std::string{};
}

// The most frequent reasons why user namespaces are forbidden, and how to allow them.
std::string advice() {
  if (sysctl("kernel/unprivileged_userns_clone") == "0")
    return "user namespaces are switched off: set the sysctl kernel.unprivileged_userns_clone to 1";
  if (sysctl("user/max_user_namespaces") == "0")
    return "user namespaces are switched off: raise the sysctl user.max_user_namespaces";
  if (sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1")
    return "AppArmor restricts user namespaces: give bwrap an AppArmor profile that allows userns, "
           "or set the sysctl kernel.apparmor_restrict_unprivileged_userns to 0";
  return "the server needs to make user and process namespaces; inside a container, that takes a "
         "privileged one";
}

} // namespace

process_engine::process_engine(process_engine_config config)
    : parts_(std::make_unique<parts>(std::move(config))) {}

process_engine::~process_engine() = default;

result<std::vector<std::string>> process_engine::check() {
  auto& host = parts_->host;
  if (auto program = log_writer_program(); !program)
    return std::move(program).error();
  sandbox_command nothing;
  nothing.job = fmt::format("check-{}", ::getpid());
  nothing.box.tree = "/usr";
  nothing.box.binds = {{"", "/app", false}};
  nothing.box.env = basic_environment("/tmp");
  nothing.box.command = "true";
  nothing.box.network = false;
  nothing.box.identity = ::geteuid() == 0 ? first_build_identity : ::geteuid();
  nothing.timeout = std::chrono::seconds{20};
  auto end = run_in_sandbox(host, std::move(nothing), [](auto, auto) {}, {});
  if (!end && end.error().message.find("bubblewrap, and") != std::string::npos)
    return std::move(end).error();
  if (!end)
    return error{errc::unavailable,
                 fmt::format("bubblewrap 0.8 or newer cannot run here: {}; {}", end.error().message,
                             advice()),
                 {}};
  if (end->ending != ending::exited || end->status != 0)
    return error{errc::unavailable,
                 fmt::format("a command in a sandbox that must succeed did not; {}", advice()),
                 {}};
  std::vector<std::string> warnings;
  if (!host.groups().usable())
    warnings.emplace_back("no control groups can be made here: processors are not limited, the "
                          "memory of builds and instances only for each process" +
                          std::string{::geteuid() == 0 ? "" : ", their processes not at all"} +
                          "; apps are not kept from each other's ports");
  else if (!host.groups().guards_ports())
    warnings.emplace_back("apps are not kept from each other's ports: that takes root, and control "
                          "groups of version 2 (beside version 1 at /sys/fs/cgroup/unified)");
  auto isolated = host.networks().check(host.config().ports);
  if (!isolated)
    return isolated;
  warnings.insert(warnings.end(), isolated->begin(), isolated->end());
  return warnings;
}

result<void> process_engine::build(const build_job& job, const line_sink& sink,
                                   std::stop_token stop) {
  return parts_->builds.build(job, sink, stop);
}

result<artifact> process_engine::push(const build_job& job, std::stop_token stop) {
  return parts_->builds.push(job, stop);
}

result<void> process_engine::run_release(const instance_spec& spec, const line_sink& sink,
                                         std::stop_token stop) {
  auto& host = parts_->host;
  const auto& settings = spec.settings.release;
  std::error_code ignored;
  sandbox_command command;
  command.job = "release-" + spec.deployment;
  command.cluster = spec.lane.cluster;
  command.box = app_sandbox(host, parts_->volumes, spec, settings.command);
  if (!is_plain_name(spec.deployment) || !std::filesystem::is_directory(command.box.tree, ignored))
    return error{
        errc::release_failed,
        fmt::format("the artifact {} of {} is not on this server", spec.artifact, spec.lane.app),
        {{"artifact", spec.artifact}}};
  // The lane removes no volume while a deployment is in flight.
  if (auto volumes = parts_->volumes.make(spec.lane, spec.settings); !volumes)
    return std::move(volumes).error();
  const auto& config = host.config();
  command.limits = {spec.memory_bytes, config.instance_processes, spec.cpus, config.ports};
  command.timeout = settings.timeout;
  auto end = run_in_sandbox(host, std::move(command), sink, stop);
  if (!end)
    return std::move(end).error();
  return judge(*end, errc::release_failed, "the release command", settings.command,
               settings.timeout, spec.memory_bytes, sink);
}

bool process_engine::has_artifact(const std::string& app, const std::string& digest) const {
  std::error_code absent;
  return std::filesystem::is_directory(release_path(parts_->host.config().data_dir, app, digest),
                                       absent);
}

result<instance> process_engine::start(const instance_spec& spec) {
  return parts_->instances.start(spec);
}

result<void> process_engine::stop(const std::string& name, duration grace) {
  return parts_->instances.stop(name, grace);
}

result<std::vector<instance>> process_engine::list() {
  parts_->host.kill_leftovers();
  parts_->volumes.finish_removals();
  return parts_->instances.list();
}

void process_engine::watch(const std::string& name, std::function<void(instance)> on_exit) {
  parts_->instances.watch(name, std::move(on_exit));
}

listening_places process_engine::listening(const std::string& name) {
  return parts_->instances.listening(name);
}

void process_engine::discard(const std::string& deployment) {
  parts_->builds.discard(deployment);
}

std::vector<std::string> process_engine::leftovers() const {
  return parts_->builds.leftovers();
}

result<std::vector<volume>> process_engine::volumes() {
  return parts_->volumes.list();
}

result<void> process_engine::remove_volume(const lane_key& lane, const std::string& name) {
  return parts_->volumes.remove(lane, name);
}

instance_logs& process_engine::logs() {
  return parts_->logs;
}

} // namespace pawl
