#include "engines/process/instance_launch.hpp"

#include "engines/commands/app_environment.hpp"
#include "engines/process/process_builds.hpp"
#include "engines/process/sandbox/sandbox_command.hpp"
#include "posix/process_table.hpp"

#include <array>
#include <csignal>

#include <unistd.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto setup_timeout = 10s; // of a sandbox: it takes some milliseconds

} // namespace

sandbox app_sandbox(const sandbox_host& host, const process_volumes& volumes,
                    const instance_spec& spec, const std::string& command) {
  sandbox box;
  box.tree = release_path(host.config().data_dir, spec.lane.app, spec.artifact);
  box.binds = {{"", "/app", false}};
  box.volumes = volumes.places(spec.lane, spec.settings);
  box.env = basic_environment("/tmp");
  add_app(box.env, spec);
  box.command = command;
  box.directory = spec.settings.build.root;
  box.identity = ::geteuid() == 0 ? app_identity(spec.lane.app) : ::geteuid();
  return box;
}

result<sandbox> instance_launch::make_sandbox(const instance_record& record) const {
  auto box = app_sandbox(host_, volumes_, spec_, spec_.settings.run.command);
  box.dies_with_parent = false;
  box.env["PORT"] = std::to_string(record.port);
  box.env["HOST"] = "127.0.0.1";
  box.env["PAWL_INSTANCE"] = spec_.name;
  box.scratch_bytes = spec_.memory_bytes;
  if (auto equipped = host_.equip(box, instance_job(spec_.name)); !equipped)
    return std::move(equipped).error();
  if (record.address.empty())
    return box;
  auto resolv_conf = host_.networks().resolv_conf();
  if (!resolv_conf)
    return std::move(resolv_conf).error();
  box.isolated = *std::move(resolv_conf);
  return box;
}

// The record is written without pids before the group and the process exist, and with them before
// the call returns: after a crash, list() either removes the rest of a start or finds the instance.
result<void> instance_launch::run(instance_record& record) {
  if (auto made = make_directories(directory_); !made)
    return std::move(made).error();
  {
    auto volumes = volumes_.make(spec_.lane, spec_.settings);
    if (!volumes)
      return std::move(volumes).error();
    if (auto noted = write_record(directory_ / "record.json", record); !noted)
      return std::move(noted).error();
  }
  auto box = make_sandbox(record);
  if (!box)
    return std::move(box).error();
  const auto& config = host_.config();
  // An isolated one has all ports for itself.
  const resource_limits limits{spec_.memory_bytes, config.instance_processes, spec_.cpus,
                               box->isolated ? port_range{} : config.ports, record.port};
  auto group = host_.groups().make(instance_job(spec_.name), limits);
  if (!group)
    return std::move(group).error();
  box->control_groups = group->places();
  auto entries = group->open_for_entry();
  auto nothing = open_file("/dev/null", O_RDONLY);
  auto log = logs_.open(spec_.name);
  auto status = open_file(directory_ / "status", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  std::array<int, 2> ends{-1, -1};
  if (!entries || !nothing || !log || !status || ::pipe2(ends.data(), O_CLOEXEC) != 0)
    return error{errc::resource_exhausted,
                 "the files of the instance " + spec_.name + " could not be opened",
                 {}};
  descriptor info{ends[0]};
  descriptor info_end{ends[1]};
  auto output = instance_output::begin(*log, *entries, box->identity, spec_.redacted);
  if (!output)
    return std::move(output).error();
  std::vector<descriptor> held;
  auto what = launch_of(*box, held);
  if (!what)
    return std::move(what).error();
  for (const auto& entry : *entries)
    what->cgroups.push_back(entry.get());
  what->limits = host_.limits_for(limits);
  for (const auto& [ours, theirs] : {std::pair{nothing->get(), 0},
                                     {output->end(), 1},
                                     {output->end(), 2},
                                     {info_end.get(), sandbox_info_fd},
                                     {status->get(), sandbox_status_fd}})
    what->descriptors.emplace_back(ours, theirs);
  network_gate gate;
  if (box->isolated)
    if (auto held_back = gate.hold(*what); !held_back)
      return std::move(held_back).error();
  auto started = spawn(*what);
  if (!started)
    return std::move(started).error();
  info_end.reset();
  gate.launched();
  output->close_end();
  if (auto completed = complete(record, *started, info, gate, *output); !completed) {
    signal_process(started->process, SIGKILL);
    wait_for_end(started->process, death_timeout);
    reap(started->process);
    return std::move(completed).error();
  }
  return {};
}

result<void> instance_launch::complete(instance_record& record, const child& started,
                                       const descriptor& info, network_gate& gate,
                                       instance_output& output) {
  auto init = await_child_pid(info, setup_timeout);
  auto outer_entry = find_process(started.pid);
  auto init_entry = init ? find_process(*init) : std::nullopt;
  auto writer_entry = find_process(output.writer());
  auto connected = result<void>{};
  if (init_entry && !record.address.empty())
    connected = gate.open(host_.networks(), record.lane.cluster, record.port, *init);
  if (!connected && connected.error().code != errc::not_found)
    return connected;
  if (!outer_entry || !init_entry || !writer_entry || !connected) {
    output.finish();
    auto words = logs_.last_lines_from(record.name, 1, output.log_begin());
    return sandbox_refused("the sandbox of the instance", words.empty() ? "" : words.front());
  }
  record.outer = started.pid;
  record.outer_started = outer_entry->started;
  record.init = *init;
  record.init_started = init_entry->started;
  record.log_writer = output.writer();
  record.log_writer_started = writer_entry->started;
  auto noted = write_record(directory_ / "record.json", record);
  if (noted)
    output.keep();
  return noted;
}

} // namespace pawl
