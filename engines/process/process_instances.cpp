#include "engines/process/process_instances.hpp"

#include "engines/commands/shown.hpp"
#include "engines/process/process_builds.hpp"
#include "engines/process/sandbox/sandbox_command.hpp"
#include "posix/digest.hpp"
#include "posix/process_sockets.hpp"
#include "posix/process_table.hpp"
#include "posix/tree_removal.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>

#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

result<instance_record> make_record(const instance_spec& spec) {
  if (!is_plain_name(spec.name) || !is_plain_name(spec.deployment) || !is_digest(spec.artifact))
    return error{errc::invalid_argument,
                 fmt::format("\"{}\" cannot be the name of an instance", spec.name),
                 {}};
  if (auto app = check_name("app", spec.lane.app); !app)
    return std::move(app).error();
  instance_record record{.name = spec.name,
                         .deployment = spec.deployment,
                         .lane = spec.lane,
                         .version = spec.version,
                         .artifact = spec.artifact,
                         .boot = boot_id()};
  for (const auto& [name, volume] : spec.settings.volumes)
    record.volumes.push_back(name);
  return record;
}

// A pidfd of the recorded process; empty if it has ended.
descriptor open_recorded(pid_t pid, std::uint64_t started) {
  auto process = pid > 0 ? open_process(pid) : descriptor{};
  return is_running(pid, started) ? std::move(process) : descriptor{};
}

// Longer than the first process of a namespace needs to end after the last one.
constexpr auto last_process_timeout = 200ms;

// All that the instance printed is in its log then. No process of it runs any more.
void finish_output(const instance_record& record) {
  if (record.boot == boot_id())
    finish_log_writer(open_recorded(record.log_writer, record.log_writer_started));
}

} // namespace

class process_instances::work {
public:
  work(process_instances& all, const std::string& name)
      : turn_(all.calls_, name), all_(all), name_(name) {
    std::lock_guard lock{all_.mutex_};
    all_.at_work_.insert(name_);
  }
  ~work() {
    std::lock_guard lock{all_.mutex_};
    all_.at_work_.erase(all_.at_work_.find(name_));
  }
  work(const work&) = delete;
  work& operator=(const work&) = delete;

private:
  keyed_mutex::lock turn_;
  process_instances& all_;
  std::string name_;
};

fs::path process_instances::directory_of(const std::string& name) const {
  return host_.config().data_dir / "instances" / name;
}

result<instance_record> process_instances::record_of(const std::string& name) const {
  return read_record(directory_of(name) / "record.json", host_.mark_of(instance_job(name)));
}

bool process_instances::at_work(const std::string& name) {
  std::lock_guard lock{mutex_};
  return at_work_.contains(name);
}

result<instance> process_instances::start(const instance_spec& spec) {
  auto record = make_record(spec);
  if (!record)
    return std::move(record).error();
  record->mark = host_.mark_of(instance_job(spec.name));
  work mine{*this, spec.name};
  // Its end counts from when its status was recorded; its last process may still be exiting.
  if (auto known = record_of(spec.name);
      known && runs(*known) && !recorded_exit(directory_of(spec.name)))
    return look_at(*known);
  if (auto cleared = clear(spec.name); !cleared)
    return std::move(cleared).error();
  std::error_code ignored;
  auto release = release_path(host_.config().data_dir, spec.lane.app, spec.artifact);
  if (!fs::is_directory(release, ignored))
    return error{
        errc::not_found,
        fmt::format("the artifact {} of {} is not on this server", spec.artifact, spec.lane.app),
        {{"artifact", spec.artifact}}};
  auto port = ports_.lease(spec.name, spec.lane.app);
  if (!port)
    return std::move(port).error();
  record->port = *port;
  if (host_.networks().isolates(spec.lane.cluster))
    record->address = host_.networks().address_of(*port);
  instance_launch launching{host_, logs_, volumes_, directory_of(spec.name), spec};
  if (auto launched = launching.run(*record); !launched) {
    auto cleared = clear(spec.name);
    return cleared ? std::move(launched).error() : std::move(cleared).error();
  }
  return look_at(*record);
}

// The instance as it is now; from here on the watcher watches it.
instance process_instances::look_at(const instance_record& record) {
  auto directory = directory_of(record.name);
  instance seen{.name = record.name,
                .deployment = record.deployment,
                .lane = record.lane,
                .address = fmt::format(
                    "{}:{}", record.address.empty() ? "127.0.0.1" : record.address, record.port)};
  instance_watcher::subject subject;
  if (record.boot == boot_id()) {
    subject.outer_process = open_recorded(record.outer, record.outer_started);
    subject.init_process = open_recorded(record.init, record.init_started);
  }
  seen.exit_status = recorded_exit(directory);
  if (seen.exit_status || !subject.init_process)
    seen.state = instance_state::exited;
  subject.complete = [this, record](instance& ended) {
    // A shell that is asked to stop ends before its children, and they may still print.
    if (wait_for_end(open_recorded(record.init, record.init_started), last_process_timeout))
      finish_output(record);
    tell_of_memory(ended);
  };
  if (seen.state == instance_state::exited)
    subject.complete(seen);
  subject.instance = seen;
  subject.directory = directory;
  watcher_.track(std::move(subject));
  logs_.track(record.name);
  ports_.lease_again(record.name, record.port);
  if (!record.address.empty())
    host_.networks().keep(record.port);
  return seen;
}

// The kernel kills without a message; this line is the only one in the app's log.
void process_instances::tell_of_memory(instance& ended) const {
  constexpr int killed = 128 + SIGKILL;
  auto group = host_.groups().find(instance_job(ended.name));
  ended.out_of_memory = ended.exit_status.value_or(killed) == killed && group.memory_kills() > 0;
  auto words = fmt::format("pawl: {} was killed: it used more than {} of memory", ended.name,
                           shown_bytes(group.memory_limit()));
  if (ended.out_of_memory && logs_.last_lines(ended.name, 1) != std::vector{words})
    logs_.say(ended.name, words);
}

// Signals the app's own processes: bubblewrap's outer process would die alone, and the first
// process of the namespace does not pass signals on. New children of the app may miss the first
// round.
void process_instances::terminate(const instance_record& record, duration grace) {
  auto init = open_recorded(record.init, record.init_started);
  if (!init)
    return;
  std::set<pid_t> told;
  for (int round = 0; round < 3; ++round)
    signal_descendants(record.init, SIGTERM, told);
  if (wait_for_end(init, grace))
    return;
  signal_process(init, SIGKILL);
  wait_for_end(init, death_timeout);
}

result<void> process_instances::stop(const std::string& name, duration grace) {
  if (!is_plain_name(name))
    return {};
  work mine{*this, name};
  if (auto record = record_of(name); record && record->boot == boot_id()) {
    auto outer = open_recorded(record->outer, record->outer_started);
    terminate(*record, grace);
    wait_for_end(outer, 2s); // it writes the exit status down
    finish_output(*record);
  }
  return clear(name);
}

result<void> process_instances::clear(const std::string& name) {
  const auto record = record_of(name);
  if (!host_.kill_job(instance_job(name)))
    return error{errc::unavailable,
                 fmt::format("processes of the instance {} could not be stopped", name),
                 {{"instance", name}}};
  if (record && !record->address.empty())
    host_.networks().disconnect(record->port);
  watcher_.forget(name);
  logs_.finish(name);
  auto removed = remove_tree(directory_of(name));
  logs_.close(name);
  ports_.give_back(name);
  return removed;
}

// An instance whose link was removed cannot be reached any more, and its link not be made again
// behind its back: it ends, and its lane starts it again.
instance process_instances::adopt_complete(const instance_record& record) {
  if (!record.address.empty() && runs(record) && !host_.networks().is_connected(record.port))
    host_.kill_job(instance_job(record.name));
  return look_at(record);
}

// Nothing for the rest of an interrupted start, which it removes.
std::optional<instance> process_instances::adopt(const std::string& name) {
  bool busy = at_work(name);
  auto record = record_of(name);
  if (record && record->init != 0)
    return adopt_complete(*record);
  if (busy)
    return std::nullopt;
  std::unique_lock lock{mutex_};
  if (at_work_.contains(name))
    return std::nullopt;
  record = record_of(name); // a start may have ended since
  lock.unlock();
  if (record && record->init != 0)
    return adopt_complete(*record);
  [[maybe_unused]] auto cleared = clear(name);
  return std::nullopt;
}

result<std::vector<instance>> process_instances::list() {
  std::vector<instance> found;
  std::error_code problem;
  auto all = host_.config().data_dir / "instances";
  for (const auto& entry : fs::directory_iterator{all, problem})
    if (auto one = adopt(entry.path().filename()); one)
      found.push_back(std::move(*one));
  if (problem && problem != std::errc::no_such_file_or_directory)
    return system_error("list " + all.string(), problem.value());
  const std::string prefix = instance_job("");
  for (const auto& job : host_.jobs_found()) {
    if (!job.starts_with(prefix))
      continue;
    auto name = job.substr(prefix.size());
    std::error_code ignored;
    if (!at_work(name) && !fs::exists(directory_of(name) / "record.json", ignored) &&
        !at_work(name) && !host_.kill_job(job))
      return error{errc::unavailable,
                   fmt::format("processes of the instance {}, which has no record, could not be "
                               "stopped",
                               name),
                   {{"instance", name}}};
  }
  host_.networks().remove_unused();
  return found;
}

void process_instances::watch(const std::string& name, std::function<void(instance)> on_exit) {
  if (auto record = record_of(name); record && record->init != 0)
    look_at(*record);
  instance unknown;
  unknown.name = name;
  unknown.state = instance_state::exited;
  watcher_.call_when_ended(name, std::move(on_exit), std::move(unknown));
}

listening_places process_instances::listening(const std::string& name) const {
  if (!is_plain_name(name))
    return {};
  const auto record = record_of(name);
  if (!record || !runs(*record))
    return {};
  listening_places places;
  auto processes = host_.groups().find(instance_job(name)).processes();
  if (processes.empty()) {
    processes = descendants(record->init);
    processes.push_back(record->init);
  }
  const auto found = listening_sockets_of(record->init, processes, limits::listening_descriptors);
  places.tcp.assign(found.tcp.begin(), found.tcp.end());
  for (const auto& path : found.local)
    places.local.push_back(printable(path));
  places.own_network =
      proc_link(fmt::format("/proc/{}/ns/net", record->init)) != proc_link("/proc/self/ns/net");
  return places;
}

} // namespace pawl
