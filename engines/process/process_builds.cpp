#include "engines/process/process_builds.hpp"

#include "engines/commands/app_environment.hpp"
#include "engines/commands/shown.hpp"
#include "engines/process/artifact_tree.hpp"
#include "engines/process/disk_quota.hpp"
#include "lifecycle/exhaustion.hpp"
#include "lifecycle/volumes.hpp"
#include "posix/digest.hpp"
#include "posix/tree_removal.hpp"
#include "sources/unpack.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

result<void> make_for(const fs::path& directory, std::uint32_t identity) {
  if (::mkdir(directory.c_str(), 0700) != 0)
    return system_error("create the directory " + directory.string(), errno);
  if (::geteuid() == 0 && ::chown(directory.c_str(), identity, identity) != 0)
    return system_error("give away " + directory.string(), errno);
  return {};
}

std::optional<artifact> parse_pushed(const std::string& text) {
  auto space = text.find(' ');
  artifact found;
  if (space == std::string::npos)
    return std::nullopt;
  found.digest = text.substr(0, space);
  const auto* begin = text.data() + space + 1;
  auto [end, problem] = std::from_chars(begin, text.data() + text.size(), found.bytes);
  if (problem != std::errc{} || !is_digest(found.digest))
    return std::nullopt;
  return found;
}

// The tree becomes the release; if there is an equal release already, that one stays.
result<void> move_to_release(const fs::path& tree, const fs::path& release) {
  std::error_code ignored;
  if (auto made = make_directories(release.parent_path()); !made)
    return made;
  if (fs::exists(release, ignored))
    return remove_tree(tree);
  if (auto moved = rename_durably(tree, release); !moved)
    return moved;
  return sync_directory(release.parent_path().parent_path());
}

std::vector<std::string> places_in_app(const manifest& settings) {
  std::vector<std::string> paths;
  for (const auto& [name, volume] : settings.volumes)
    if (auto path = path_in_app(volume); !path.empty())
      paths.push_back(std::move(path));
  return paths;
}

} // namespace

fs::path release_path(const fs::path& data_dir, const std::string& app, const std::string& digest) {
  return data_dir / "releases" / app / digest_file_name(digest);
}

result<void> judge(const command_end& end, errc failed, std::string_view subject,
                   const std::string& command, duration timeout, std::uint64_t memory_bytes,
                   const line_sink& sink) {
  if (end.ending == ending::stopped)
    return error{errc::cancelled, fmt::format("{} was stopped on request", subject), {}};
  if (end.ending == ending::timed_out)
    return error{errc::timed_out,
                 fmt::format("{} did not end within its timeout of {}: {}", subject,
                             shown_duration(timeout), shown_command(command)),
                 {}};
  if (end.status == 0) {
    if (end.memory_kills > 0)
      sink("stderr", fmt::format("pawl: {} processes were killed: they used more than {} of memory",
                                 end.memory_kills, shown_bytes(memory_bytes)));
    return {};
  }
  error why{failed,
            fmt::format("{} failed: \"{}\" ended with exit status {}", subject,
                        shown_command(command), end.status),
            {{"exit_status", std::to_string(end.status)}}};
  if (end.status > 128 && end.status < 128 + NSIG)
    why.details["signal"] = std::to_string(end.status - 128);
  if (end.memory_kills > 0) {
    why.message = fmt::format("{} was stopped: it used more than {} of memory", subject,
                              shown_bytes(memory_bytes));
    why.details["reason"] = "memory";
  } else if (end.processes_refused > 0) {
    why.message += "; it was refused more processes than the limit";
    why.details["reason"] = "processes";
  }
  return why;
}

class process_builds::own_identity {
public:
  explicit own_identity(process_builds& builds) : builds_(builds) {
    std::lock_guard lock{builds_.mutex_};
    while (!builds_.identities_.insert(identity_).second)
      ++identity_;
  }
  ~own_identity() {
    std::lock_guard lock{builds_.mutex_};
    builds_.identities_.erase(identity_);
  }
  own_identity(const own_identity&) = delete;
  own_identity& operator=(const own_identity&) = delete;

  std::uint32_t get() const { return ::geteuid() == 0 ? identity_ : ::geteuid(); }

private:
  process_builds& builds_;
  std::uint32_t identity_ = first_build_identity;
};

fs::path process_builds::directory_of(const std::string& deployment) const {
  return host_.config().data_dir / "builds" / deployment;
}

result<void> process_builds::build(const build_job& job, const line_sink& sink,
                                   const std::stop_token& stop) {
  if (!is_plain_name(job.deployment))
    return error{errc::invalid_argument, "a deployment's id is no name for a directory", {}};
  keyed_mutex::lock mine{calls_, job.deployment};
  // While this call waited, its lane may have died, and the next one may have removed the build.
  if (stop.stop_requested())
    return error{errc::cancelled, "the build was stopped on request", {}};
  own_identity identity{*this};
  auto directory = directory_of(job.deployment);
  host_.kill_job("build-" + job.deployment);
  if (auto removed = remove_tree(directory); !removed)
    return removed;
  if (auto made = make_directories(directory / "work"); !made)
    return made;
  if (::chmod((directory / "work").c_str(), 0755) != 0)
    return system_error("open " + directory.string(), errno);
  auto owner = ::geteuid() == 0 ? std::optional{identity.get()} : std::nullopt;
  const auto& config = host_.config();
  auto unpacked = unpack_tar(job.source, directory / "work" / "tree",
                             {config.source_bytes, config.build_disk_bytes}, owner);
  if (!unpacked)
    return std::move(unpacked).error();
  if (!job.settings.build.command.empty())
    if (auto built = run_build(job, identity.get(), sink, stop); !built)
      return built;
  if (stop.stop_requested())
    return error{errc::cancelled, "the build was stopped on request", {}};
  if (auto synced = sync_file_system(directory); !synced)
    return synced;
  return write_file_durably(directory / "built", "");
}

result<void> process_builds::run_build(const build_job& job, std::uint32_t identity,
                                       const line_sink& sink, const std::stop_token& stop) {
  auto work = directory_of(job.deployment) / "work";
  if (auto home = make_for(work / "home", identity); !home)
    return home;
  const auto& config = host_.config();
  const auto& settings = job.settings.build;
  sandbox_command command;
  command.job = "build-" + job.deployment;
  command.cluster = job.cluster;
  command.box.tree = work;
  command.box.binds = {{"tree", "/app", true}, {"home", "/home/app", true}};
  command.box.env = basic_environment("/home/app");
  command.box.env["CI"] = "true";
  for (const auto& [name, value] : settings.env)
    command.box.env[name] = value;
  add_variables(command.box.env, job.variables);
  command.box.env["PAWL_APP"] = job.app;
  command.box.env["PAWL_DEPLOYMENT"] = job.deployment;
  add_commit(command.box.env, job.commit);
  command.box.command = settings.command;
  command.box.directory = settings.root;
  command.box.network = settings.network;
  command.box.identity = identity;
  command.limits = {config.build_memory_bytes, config.build_processes, 0, config.ports};
  command.timeout = settings.timeout;
  std::stop_source over;
  std::stop_callback on_stop{stop, [&over] { over.request_stop(); }};
  std::optional<disk_quota> quota;
  try {
    quota.emplace(work, config.build_disk_bytes, [&over] { over.request_stop(); });
  } catch (const std::system_error&) {
    return no_process_left("start the thread that watches the disk use of the build");
  }
  auto end = run_in_sandbox(host_, std::move(command), sink, over.get_token());
  if (!end)
    return std::move(end).error();
  if (auto within = quota->settle(); !within && !stop.stop_requested())
    return within;
  return judge(*end, errc::build_failed, "the build", settings.command, settings.timeout,
               config.build_memory_bytes, sink);
}

result<artifact> process_builds::push(const build_job& job, const std::stop_token& stop) {
  if (!is_plain_name(job.deployment))
    return error{errc::invalid_argument, "a deployment's id is no name for a directory", {}};
  keyed_mutex::lock mine{calls_, job.deployment};
  auto directory = directory_of(job.deployment);
  auto tree = directory / "work" / "tree";
  std::error_code ignored;
  if (auto text = read_file(directory / "pushed", 200); text)
    if (auto known = parse_pushed(*text);
        known && fs::exists(release_path(host_.config().data_dir, job.app, known->digest), ignored))
      return *known;
  if (!fs::exists(directory / "built", ignored) || !fs::exists(tree, ignored))
    return error{errc::not_found,
                 fmt::format("there is no complete build of deployment {}", job.deployment),
                 {}};
  if (auto made = make_mount_places(tree, places_in_app(job.settings)); !made)
    return std::move(made).error();
  auto sealed = seal_tree(tree, stop);
  if (!sealed)
    return sealed;
  if (auto synced = sync_file_system(tree); !synced)
    return std::move(synced).error();
  if (auto noted = write_file_durably(directory / "pushed",
                                      fmt::format("{} {}\n", sealed->digest, sealed->bytes));
      !noted)
    return std::move(noted).error();
  if (auto moved =
          move_to_release(tree, release_path(host_.config().data_dir, job.app, sealed->digest));
      !moved)
    return std::move(moved).error();
  return sealed;
}

void process_builds::discard(const std::string& deployment) {
  if (!is_plain_name(deployment))
    return;
  keyed_mutex::lock mine{calls_, deployment};
  host_.kill_job("build-" + deployment);
  // A tree that cannot be removed now is removed by a later call, or by the next build of that
  // name.
  [[maybe_unused]] auto removed = remove_tree(directory_of(deployment));
}

std::vector<std::string> process_builds::leftovers() const {
  return names_in(host_.config().data_dir / "builds");
}

} // namespace pawl
