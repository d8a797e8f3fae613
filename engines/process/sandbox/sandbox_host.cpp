#include "engines/process/sandbox/sandbox_host.hpp"

#include "posix/child_process.hpp"
#include "posix/digest.hpp"
#include "posix/program_run.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::chrono::seconds kill_timeout{5};

std::string short_digest(const std::filesystem::path& data_dir) {
  std::error_code problem;
  auto real = std::filesystem::canonical(data_dir, problem);
  digest path;
  path.add(problem ? data_dir.string() : real.string());
  return path.text().substr(7, 16);
}

std::vector<std::filesystem::path> own_files(const process_engine_config& config) {
  auto own = config.own_files;
  own.push_back(config.data_dir);
  return own;
}

user_test users_on(const std::filesystem::path& data_dir) {
  struct stat about {};
  const uid_t owner = ::stat(data_dir.c_str(), &about) == 0 ? about.st_uid : 0;
  return [owner](uid_t user, bool inside) {
    return is_sandbox_user(user, inside) || (::geteuid() == 0 && owner != 0 && user == owner);
  };
}

} // namespace

sandbox_host::sandbox_host(process_engine_config config)
    : config_(std::move(config)), mark_digest_(short_digest(config_.data_dir)),
      mark_prefix_("pawl-" + mark_digest_ + ":"), users_(users_on(config_.data_dir)),
      groups_(config_.cgroup_root, mark_digest_),
      networks_(config_.isolation, config_.data_dir, mark_digest_), etc_{config_.etc,
                                                                         own_files(config_)} {}

result<void> sandbox_host::equip(sandbox& box, const std::string& job) const {
  auto program = bubblewrap();
  if (!program)
    return std::move(program).error();
  box.bubblewrap = *program;
  box.mark = mark_of(job);
  box.etc = etc_;
  return {};
}

result<std::string> sandbox_host::bubblewrap() const {
  if (auto found = find_program("bwrap"))
    return *std::move(found);
  return error{errc::unavailable,
               "the process engine needs bubblewrap, and there is no bwrap in PATH: install the "
               "package bubblewrap",
               {}};
}

// A killed process still exists for a moment, and these are not children of this process. Each is
// waited for, not only looked for again: one that has changed its name bears the mark of its
// parent, and no mark once that has ended.
bool sandbox_host::kill_job(const std::string& job) const {
  using clock = std::chrono::steady_clock;
  const auto mark = mark_of(job);
  const auto end = clock::now() + kill_timeout;
  bool alone = false;
  while (!alone && clock::now() < end) {
    std::vector<descriptor> killed;
    for (auto& one : marked_processes(mark, users_))
      if (one.mark == mark) {
        signal_process(one.process, SIGKILL);
        killed.push_back(std::move(one.process));
      }
    for (const auto& process : killed)
      wait_for_end(process, std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()));
    alone = killed.empty();
  }
  bool empty = groups_.find(job).remove();
  groups_.tidy();
  return alone && empty;
}

std::set<std::string> sandbox_host::jobs_found() const {
  std::set<std::string> jobs;
  for (const auto& name : groups_.names())
    jobs.insert(name);
  for (const auto& process : marked_processes(mark_prefix_, users_))
    jobs.insert(process.mark.substr(mark_prefix_.size()));
  return jobs;
}

void sandbox_host::kill_leftovers() const {
  for (const auto& job : jobs_found()) {
    {
      std::lock_guard lock{mutex_};
      if (job.starts_with("instance-") || at_work_.contains(job))
        continue;
    }
    kill_job(job);
  }
}

void sandbox_host::begin(const std::string& job) const {
  std::lock_guard lock{mutex_};
  at_work_.insert(job);
}

void sandbox_host::end(const std::string& job) const {
  std::lock_guard lock{mutex_};
  at_work_.erase(at_work_.find(job));
}

std::vector<limit_setting> sandbox_host::limits_for(const resource_limits& limits) const {
  struct rlimit files {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  std::vector<limit_setting> settings{
      {RLIMIT_CORE, 0},
      {RLIMIT_NOFILE, std::min<std::uint64_t>(config_.descriptors, files.rlim_max)}};
  if (groups_.usable())
    return settings;
  // RLIMIT_AS would count memory that a runtime only reserves, and an ordinary user's RLIMIT_NPROC
  // would count all processes of the user.
  if (limits.memory_bytes > 0)
    settings.push_back({RLIMIT_DATA, limits.memory_bytes});
  if (limits.processes > 0 && ::geteuid() == 0)
    settings.push_back({RLIMIT_NPROC, limits.processes});
  return settings;
}

std::map<std::string, std::string> basic_environment(const std::string& home) {
  return {{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"},
          {"HOME", home},
          {"LANG", "C.UTF-8"},
          {"TMPDIR", "/tmp"},
          {"USER", "app"}};
}

} // namespace pawl
