#include "routers/haproxy/haproxy_process.hpp"

#include "posix/child_process.hpp"
#include "posix/files.hpp"
#include "routers/haproxy/haproxy_admin.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <set>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <vector>

extern "C" { // missing in the header of glibc 2.36
#include <sys/pidfd.h>
}

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto start_timeout = 15s;
constexpr int takeover_poll_ms = 5;
constexpr std::size_t quoted_bytes = 2000; // of HAProxy's output, in a message

// The contents of the file; nothing if it cannot be read.
std::string words_of(const std::filesystem::path& path) {
  constexpr std::size_t most = 64 * 1024;
  auto text = read_file(path, most);
  return text ? *std::move(text) : std::string{};
}

// The beginning of the command line, which identifies a process as the HAProxy of this directory.
std::vector<std::string> identifying_arguments(const std::filesystem::path& directory) {
  return {"-D", "-C", directory.string(), "-f", haproxy_config_name, "-p", haproxy_pid_name};
}

// HAProxy listens, and then leaves a process of its own behind. Until then it ends with this
// server: the next one would neither find it nor get its port.
result<child> launch_haproxy(const std::filesystem::path& program,
                             const std::filesystem::path& directory,
                             std::vector<std::string> arguments) {
  auto nothing = open_file("/dev/null", O_RDONLY);
  auto log = open_file(directory / haproxy_log_name, O_WRONLY | O_CREAT | O_TRUNC);
  if (!nothing || !log)
    return nothing ? log.error() : nothing.error();
  launch what;
  what.program = program;
  what.arguments = std::move(arguments);
  what.arguments.insert(what.arguments.begin(), program);
  what.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  what.descriptors = {{nothing->get(), 0}, {log->get(), 1}, {log->get(), 2}};
  what.ends_with_starter = true;
  auto started = spawn(what);
  if (started || started.error().code == errc::resource_exhausted)
    return started;
  return error{errc::unavailable,
               fmt::format("the router's program {} cannot be started: {}; install HAProxy",
                           program.string(), started.error().message)};
}

// HAProxy's own messages, without the lines that do not name the cause.
std::string complaint(const std::filesystem::path& directory) {
  std::string text;
  std::ifstream log(directory / haproxy_log_name);
  for (std::string line; std::getline(log, line) && text.size() < quoted_bytes;) {
    const auto alert = line.find("[ALERT]");
    if (alert == std::string::npos)
      continue;
    const auto words = line.find(" : ", alert);
    text +=
        (text.empty() ? "" : "; ") + line.substr(words == std::string::npos ? alert : words + 3);
  }
  return text.empty() ? "it gave no reason" : text.substr(0, quoted_bytes);
}

// By their inodes: "socket:[12345]". None for a process that has ended.
std::set<std::string> sockets_of(pid_t pid) {
  std::set<std::string> found;
  std::error_code ended;
  for (std::filesystem::directory_iterator at{fmt::format("/proc/{}/fd", pid), ended}, end;
       !ended && at != end; at.increment(ended)) {
    std::error_code closed;
    auto target = std::filesystem::read_symlink(at->path(), closed).string();
    if (!closed && target.starts_with("socket:"))
      found.insert(std::move(target));
  }
  return found;
}

bool share_a_socket(pid_t one, pid_t other) {
  const auto of_one = sockets_of(one);
  const auto of_other = sockets_of(other);
  return std::any_of(of_one.begin(), of_one.end(),
                     [&](const std::string& each) { return of_other.contains(each); });
}

result<void> wait_for_start(pid_t pid, const std::filesystem::path& directory) {
  const auto handle = haproxy_open(pid);
  const bool ended = handle && socket_wait(handle->pidfd, POLLIN,
                                           std::chrono::steady_clock::now() + start_timeout);
  if (!ended)
    ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended)
    return error{errc::unavailable, "the router (HAProxy) did not start within 15s"};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return error{errc::unavailable,
                 fmt::format("the router (HAProxy) does not start: {}", complaint(directory))};
  return {};
}

} // namespace

result<void> haproxy_start(const std::filesystem::path& program,
                           const std::filesystem::path& directory,
                           std::optional<pid_t> predecessor) {
  auto arguments = identifying_arguments(directory);
  if (predecessor) {
    const std::initializer_list<std::string> takeover{"-x", haproxy_socket_name, "-sf",
                                                      std::to_string(*predecessor)};
    arguments.insert(arguments.end(), takeover);
  }
  auto started = launch_haproxy(program, directory, std::move(arguments));
  if (!started)
    return std::move(started).error();
  return wait_for_start(started->pid, directory);
}

result<void> haproxy_wait_for_takeover(const std::filesystem::path& directory, pid_t predecessor) {
  const auto successor = haproxy_find(directory);
  if (!successor)
    return error{errc::unavailable, "the router (HAProxy) ended as soon as it had started"};
  const auto until = std::chrono::steady_clock::now() + start_timeout;
  while (share_a_socket(predecessor, successor->pid)) {
    if (std::chrono::steady_clock::now() > until)
      return error{errc::unavailable, fmt::format("the router (HAProxy) before this one, process "
                                                  "{}, does not close its listening sockets",
                                                  predecessor)};
    ::poll(nullptr, 0, takeover_poll_ms);
  }
  return {};
}

std::optional<haproxy_handle> haproxy_open(pid_t pid) {
  descriptor pidfd(::pidfd_open(pid, 0)); // is closed on exec by itself
  if (!pidfd)
    return std::nullopt;
  return haproxy_handle{pid, std::move(pidfd)};
}

std::optional<haproxy_handle> haproxy_find(const std::filesystem::path& directory) {
  const auto pid = static_cast<pid_t>(std::atoi(words_of(directory / haproxy_pid_name).c_str()));
  if (pid <= 0)
    return std::nullopt;
  auto found = haproxy_open(pid);
  if (!found)
    return std::nullopt;
  // The pidfd was opened first: if the command line is right now, it is that of this process.
  std::string expected;
  for (const auto& argument : identifying_arguments(directory))
    expected += '\0' + argument;
  const auto command_line = words_of(fmt::format("/proc/{}/cmdline", pid));
  const auto arguments = command_line.find('\0');
  if (arguments == std::string::npos || !command_line.substr(arguments).starts_with(expected))
    return std::nullopt;
  return found;
}

void haproxy_end(const haproxy_handle& process, std::chrono::milliseconds grace) {
  ::pidfd_send_signal(process.pidfd.get(), SIGUSR1, nullptr, 0);
  if (!socket_wait(process.pidfd, POLLIN, std::chrono::steady_clock::now() + grace)) {
    ::pidfd_send_signal(process.pidfd.get(), SIGKILL, nullptr, 0);
    socket_wait(process.pidfd, POLLIN, std::chrono::steady_clock::now() + 5s);
  }
  siginfo_t ignored{}; // reaps it where this process is the one that inherits orphans
  ::waitid(P_PIDFD, static_cast<id_t>(process.pidfd.get()), &ignored, WEXITED | WNOHANG);
}

haproxy_watch::haproxy_watch()
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

haproxy_watch::~haproxy_watch() {
  thread_.request_stop();
  wake();
}

void haproxy_watch::wake() const {
  ::eventfd_write(event_.get(), 1);
}

void haproxy_watch::follow(haproxy_handle process) {
  const std::lock_guard lock(mutex_);
  process_ = process.pidfd ? std::make_shared<haproxy_handle>(std::move(process)) : nullptr;
  wake();
}

void haproxy_watch::call(std::function<void()> on_death) {
  const std::lock_guard lock(mutex_);
  on_death_ = std::move(on_death);
  wake();
}

void haproxy_watch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::shared_ptr<haproxy_handle> process; // keeps the descriptor open while it is polled
    {
      const std::lock_guard lock(mutex_);
      process = on_death_ ? process_ : nullptr;
    }
    std::array<pollfd, 2> wanted{
        {{event_.get(), POLLIN, 0}, {process ? process->pidfd.get() : -1, POLLIN, 0}}};
    if (::poll(wanted.data(), wanted.size(), -1) <= 0)
      continue;
    eventfd_t ignored = 0;
    ::eventfd_read(event_.get(), &ignored);
    if (wanted[1].revents == 0)
      continue;
    std::function<void()> on_death;
    {
      const std::lock_guard lock(mutex_);
      if (process_ != process)
        continue;
      process_.reset();
      on_death = on_death_;
    }
    siginfo_t reaped{};
    ::waitid(P_PIDFD, static_cast<id_t>(process->pidfd.get()), &reaped, WEXITED | WNOHANG);
    on_death();
  }
}

} // namespace pawl
