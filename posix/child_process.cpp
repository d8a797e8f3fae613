#include "posix/child_process.hpp"

#include "lifecycle/exhaustion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pawl {

namespace {

// A failure, which the child reports through a pipe that a successful exec closes.
struct misfortune {
  std::array<char, 32> step{};
  int number = 0;
};

// All that the child needs, made before the fork: after it, in a process that had threads, only
// system calls are safe.
struct prepared {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::vector<std::pair<int, int>> descriptors;
  std::vector<int> kept; // of our descriptors, ascending; the child closes all others at once
  int highest = 2;       // of the child's descriptors
  pid_t starter = ::getpid();
  bool needs_namespace = false; // of users, to make its files
  std::string same_user;        // lines for its maps
  std::string same_group;
};

prepared prepare(const launch& what, int report) {
  prepared ready;
  for (const auto& argument : what.arguments)
    ready.arguments.push_back(const_cast<char*>(argument.c_str()));
  ready.arguments.push_back(nullptr);
  for (const auto& variable : what.environment)
    ready.environment.push_back(const_cast<char*>(variable.c_str()));
  ready.environment.push_back(nullptr);
  ready.descriptors = what.descriptors;
  for (const auto& [ours, theirs] : what.descriptors)
    ready.highest = std::max(ready.highest, theirs);
  ready.kept = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, report};
  ready.kept.insert(ready.kept.end(), what.cgroups.begin(), what.cgroups.end());
  for (const auto& [ours, theirs] : what.descriptors)
    ready.kept.push_back(ours);
  ready.needs_namespace = !what.files.empty() && ::geteuid() != 0;
  ready.same_user = fmt::format("{0} {0} 1", ::geteuid());
  ready.same_group = fmt::format("{0} {0} 1", ::getegid());
  std::sort(ready.kept.begin(), ready.kept.end());
  return ready;
}

[[noreturn]] void give_up(int report, const char* step) {
  misfortune why;
  why.number = errno;
  std::strncpy(why.step.data(), step, why.step.size() - 1);
  [[maybe_unused]] auto sent = ::write(report, &why, sizeof why);
  ::_exit(127);
}

// For kernels before 5.9.
void close_one_by_one(unsigned from, unsigned to) {
  struct rlimit files {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  for (auto fd = from; fd <= to && fd < files.rlim_cur; ++fd)
    ::close(static_cast<int>(fd));
}

// Before all else: the child must not hold what a server that is killed now leaves to the next one,
// its lock and its sockets, for the time that the other steps take.
void close_all_but(const std::vector<int>& kept) {
  auto close_between = [](unsigned from, unsigned to) {
    if (from <= to && ::close_range(from, to, 0) != 0)
      close_one_by_one(from, to);
  };
  unsigned next = 0;
  for (const int fd : kept) {
    const auto here = static_cast<unsigned>(fd);
    if (here > next)
      close_between(next, here - 1);
    next = here + 1;
  }
  close_between(next, ~0U);
}

void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal)
    ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool write_whole(const char* file, int flags, const std::string& text) {
  const int opened = ::open(file, flags | O_WRONLY | O_CLOEXEC, 0644);
  const auto size = static_cast<ssize_t>(text.size());
  const bool written = opened >= 0 && ::write(opened, text.data(), text.size()) == size;
  if (opened >= 0)
    ::close(opened);
  return written;
}

bool bind(const file_step& step) {
  if (::mount(step.from.c_str(), step.at.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0)
    return true;
  if (!step.needed && step.what == file_step::kind::file_mount)
    ::unlink(step.at.c_str()); // an empty file would be taken for its contents
  return false;
}

bool make_folder(const char* path) {
  return ::mkdir(path, 0755) == 0 || errno == EEXIST;
}

bool take(const file_step& step) {
  switch (step.what) {
  case file_step::kind::memory:
    return ::mount("none", step.at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m") ==
           0;
  case file_step::kind::folder:
    return make_folder(step.at.c_str());
  case file_step::kind::link:
    return ::symlink(step.from.c_str(), step.at.c_str()) == 0;
  case file_step::kind::file:
    return write_whole(step.at.c_str(), O_CREAT | O_EXCL, step.from);
  case file_step::kind::file_mount:
    return write_whole(step.at.c_str(), O_CREAT | O_EXCL, "") && bind(step);
  case file_step::kind::folder_mount:
    return make_folder(step.at.c_str()) && bind(step);
  }
  return false;
}

void make_files(const launch& what, const prepared& ready, int report) {
  if (::unshare(CLONE_NEWNS | (ready.needs_namespace ? CLONE_NEWUSER : 0)) != 0)
    give_up(report, "make a mount namespace");
  // The server leaves no core, and so the files of its /proc are root's; the maps have to be this
  // user's to be written.
  if (ready.needs_namespace)
    ::prctl(PR_SET_DUMPABLE, 1);
  if (ready.needs_namespace && (!write_whole("/proc/self/setgroups", 0, "deny") ||
                                !write_whole("/proc/self/uid_map", 0, ready.same_user) ||
                                !write_whole("/proc/self/gid_map", 0, ready.same_group)))
    give_up(report, "keep the user");
  if (::mount("none", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    give_up(report, "part from the mounts");
  for (const auto& step : what.files)
    if (!take(step) && step.needed)
      give_up(report, "prepare the files");
}

void take_identity(std::uint32_t identity, int report) {
  if (::setgroups(0, nullptr) != 0 || ::setresgid(identity, identity, identity) != 0 ||
      ::setresuid(identity, identity, identity) != 0)
    give_up(report, "become the app's user");
}

// First above everything, then down to the numbers asked for: no move hits a descriptor that is
// still needed.
void place_descriptors(prepared& ready, int& report) {
  int above = ready.highest + 1;
  report = ::fcntl(report, F_DUPFD_CLOEXEC, above);
  for (auto& [ours, theirs] : ready.descriptors)
    if ((ours = ::fcntl(ours, F_DUPFD_CLOEXEC, above)) < 0)
      give_up(report, "duplicate a descriptor");
  for (const auto& [ours, theirs] : ready.descriptors)
    if (::dup2(ours, theirs) < 0)
      give_up(report, "place a descriptor");
}

// CLOSE_RANGE_CLOEXEC is newer than some kernels; the loop is for those.
void close_rest_at_exec(int from) {
  if (::syscall(SYS_close_range, from, ~0U, 4U) == 0)
    return;
  struct rlimit files {};
  ::getrlimit(RLIMIT_NOFILE, &files);
  for (int fd = from; fd < static_cast<int>(files.rlim_cur); ++fd)
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// Also if the starting thread has another scheduling policy.
void be_scheduled_as_usual() {
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_OTHER, &none);
}

// After the descriptors are in their places: the starting process may have more of them than the
// program may have.
void set_limits(const launch& what, int report) {
  for (const auto& limit : what.limits) {
    struct rlimit both {
      limit.most, limit.most
    };
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &both) != 0)
      give_up(report, "set a resource limit");
  }
}

[[noreturn]] void become(const launch& what, prepared& ready, int report) {
  close_all_but(ready.kept);
  if (what.ends_with_starter) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != ready.starter) // it ended before
      ::_exit(127);
  }
  reset_signals();
  be_scheduled_as_usual();
  ::setsid();
  ::umask(022);
  for (int cgroup : what.cgroups)
    if (::write(cgroup, "0", 1) != 1)
      give_up(report, "enter the control group");
  if (!what.files.empty())
    make_files(what, ready, report);
  place_descriptors(ready, report);
  close_rest_at_exec(ready.highest + 1);
  set_limits(what, report);
  if (what.identity)
    take_identity(*what.identity, report);
  if (::chdir("/") != 0)
    give_up(report, "change to /");
  ::execve(what.program.c_str(), ready.arguments.data(), ready.environment.data());
  give_up(report, "execute the program");
}

} // namespace

result<child> spawn(const launch& what) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return system_error("create a pipe", errno);
  descriptor reading{ends[0]};
  descriptor writing{ends[1]};
  auto ready = prepare(what, writing.get());
  auto pid = ::fork();
  if (pid < 0)
    return errno == EAGAIN ? no_process_left("start " + what.program)
                           : system_error("start " + what.program, errno);
  if (pid == 0)
    become(what, ready, writing.get());
  child started{pid, open_process(pid)};
  writing.reset();
  misfortune why;
  ssize_t got = 0;
  do
    got = ::read(reading.get(), &why, sizeof why);
  while (got < 0 && errno == EINTR);
  if (got == 0 && started.process)
    return started;
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  if (got != sizeof why)
    return system_error("start " + what.program, ESRCH);
  return system_error(std::string{why.step.data()} + " for " + what.program, why.number);
}

descriptor open_process(pid_t pid) {
  return descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

void signal_process(const descriptor& process, int signal) {
  if (process)
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
}

bool wait_for_end(const descriptor& process, std::chrono::milliseconds timeout) {
  if (!process)
    return true;
  auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{process.get(), POLLIN, 0};
    auto ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0)
      return true;
    if (ready == 0 || errno != EINTR)
      return false;
  }
}

void reap(const descriptor& process) {
  siginfo_t ignored{};
  if (process)
    ::waitid(P_PIDFD, static_cast<id_t>(process.get()), &ignored, WEXITED | WNOHANG);
}

} // namespace pawl
