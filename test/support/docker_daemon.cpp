#include "test/support/docker_daemon.hpp"

#include "engines/docker/api_transfer.hpp"
#include "posix/files.hpp"
#include "posix/process_table.hpp"
#include "posix/program_run.hpp"
#include "test/sources/tar_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pawl::test {

namespace fs = std::filesystem;

namespace {

void must(bool done, const std::string& what) {
  if (!done)
    throw std::runtime_error("the test's Docker daemon: " + what);
}

void raise_loopback() {
  const descriptor any{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  must(::ioctl(any.get(), SIOCSIFFLAGS, &request) == 0, "its loopback is not raised");
}

std::string busybox_tree() {
  tar_writer tar;
  tar.directory("bin").directory("tmp").directory("etc").directory("www");
  tar.file("bin/busybox", read_text("/bin/busybox"), 0755);
  for (const auto* name : {"sh", "nc", "cat", "sleep", "mkfifo", "httpd", "echo", "id", "kill",
                           "mkdir", "rm", "ls", "true", "false", "head", "yes", "grep", "touch"})
    tar.symlink(std::string{"bin/"} + name, "busybox");
  tar.file("etc/passwd", "root:x:0:0:root:/:/bin/sh\napp:x:1000:1000:app:/:/bin/sh\n");
  return tar.whole();
}

std::function<std::optional<std::size_t>(std::span<char>)> bytes_of(std::string text) {
  return [text = std::move(text), at = std::size_t{0}](std::span<char> to) mutable {
    const auto count = std::min(to.size(), text.size() - at);
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(at), count, to.begin());
    at += count;
    return std::optional{count};
  };
}

} // namespace

bool may_run_docker() {
  return ::geteuid() == 0 && find_program("dockerd") && find_program("containerd") &&
         fs::exists("/bin/busybox");
}

docker_daemon::docker_daemon(bool live_restore, std::uint64_t disk_bytes)
    : live_restore_(live_restore), groups_(fmt::format("pawl-docker-{}", ::getpid())),
      network_before_(*open_file("/proc/thread-self/ns/net", O_RDONLY)) {
  must(::unshare(CLONE_NEWNET) == 0, "there is no network for it");
  raise_loopback();
  if (disk_bytes > 0) {
    fs::create_directories(data());
    must(::mount("tmpfs", data().c_str(), "tmpfs", 0, fmt::format("size={}", disk_bytes).c_str()) ==
             0,
         "there is no disk for it");
  }
  start();
  import_base();
}

docker_daemon::~docker_daemon() {
  try {
    stop();
  } catch (const std::runtime_error&) {
    kill();
  }
  end_containers();
  unmount();
  std::error_code ignored;
  for (const auto& hierarchy : fs::directory_iterator{"/sys/fs/cgroup", ignored})
    for (int depth = 0; depth < 3; ++depth) {
      for (const auto& group : fs::directory_iterator{hierarchy.path() / groups_, ignored})
        ::rmdir(group.path().c_str());
      ::rmdir((hierarchy.path() / groups_).c_str());
    }
  static_cast<void>(::setns(network_before_.get(), CLONE_NEWNET));
}

void docker_daemon::start() {
  const auto home = home_.path();
  fs::remove(home / "pid");
  std::vector<std::string> words{*find_program("dockerd"),
                                 "--config-file=",
                                 "--data-root=" + (home / "data").string(),
                                 "--exec-root=" + (home / "exec").string(),
                                 "--pidfile=" + (home / "pid").string(),
                                 "--host=unix://" + socket().string(),
                                 "--cgroup-parent=/" + groups_};
  if (live_restore_)
    words.emplace_back("--live-restore");
  process_ = std::make_unique<program>(
      program_plan{.arguments = words,
                   .environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", "/root"}},
                   .directory = home,
                   .out = home / "out",
                   .err = home / "err"});
  const auto up = eventually(
      [&] { return ask_docker(*this, "GET", "/_ping") == "OK" || !process_->running(); });
  const auto said = process_->err();
  must(up && process_->running(),
       "it does not come up: " +
           said.substr(said.size() - std::min<std::size_t>(said.size(), 2000)));
}

void docker_daemon::stop() {
  if (!process_)
    return;
  process_->signal(SIGCONT);
  process_->signal(SIGTERM);
  process_->wait(std::chrono::seconds{60});
  process_.reset();
}

// Its containerd dies with it. A dead one that nobody has waited for looks alive to the next
// daemon, by its pid in a file.
void docker_daemon::kill() {
  process_.reset();
  const auto file = home_.path() / "exec" / "containerd" / "containerd.pid";
  const auto pid = std::atoi(read_text(file).c_str());
  must(pid == 0 || eventually([&] {
         const auto found = find_process(pid);
         return !found || found->state == 'Z' || found->state == 'X';
       }),
       "its containerd does not end");
  fs::remove(file);
}

// The parents of what runs in containers are not the daemon's children: they outlive it.
void docker_daemon::end_containers() const {
  const auto ours = home_.path().string();
  for (int round = 0; round < 2; ++round)
    for (const auto& one : all_processes()) {
      const auto words = read_text(fmt::format("/proc/{}/cmdline", one.pid));
      if (words.find(ours) == std::string::npos)
        continue;
      for (const auto pid : descendants(one.pid))
        ::kill(pid, SIGKILL);
      ::kill(one.pid, SIGKILL);
    }
}

void docker_daemon::unmount() const {
  std::istringstream lines{read_text("/proc/self/mountinfo")};
  std::vector<std::string> ours;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string word;
    constexpr int place = 5; // of the mount point
    for (int i = 0; i < place; ++i)
      words >> word;
    if (word.starts_with(home_.path().string()))
      ours.push_back(word);
  }
  std::reverse(ours.begin(), ours.end());
  for (const auto& one : ours)
    ::umount2(one.c_str(), MNT_DETACH);
}

void docker_daemon::import_base() const {
  auto answer = perform(socket(),
                        {.method = "POST",
                         .target = "/images/create?fromSrc=-&repo=pawl-test-base&tag=1",
                         .headers = {"Content-Type: application/x-tar"},
                         .upload = bytes_of(busybox_tree())},
                        {});
  must(answer && answer->success(), "its base image is not imported");
}

std::string ask_docker(const docker_daemon& daemon, const std::string& method,
                       const std::string& target) {
  auto answer = perform(daemon.socket(), {.method = method, .target = target}, {});
  return answer ? answer->body : std::string{};
}

} // namespace pawl::test
