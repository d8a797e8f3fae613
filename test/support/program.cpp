#include "test/support/program.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace pawl::test {

namespace {

constexpr int signal_base = 128; // as shells count

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (auto& word : words)
    all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

pid_t start(const program_plan& plan) {
  auto arguments = plan.arguments;
  std::vector<std::string> variables;
  for (const auto& [name, value] : plan.environment)
    variables.push_back(name + "=" + value);
  constexpr int writing = O_WRONLY | O_CREAT | O_TRUNC;
  constexpr mode_t mode = 0600;
  posix_spawn_file_actions_t files{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, plan.out.c_str(), writing, mode);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, plan.err.c_str(), writing, mode);
  ::posix_spawn_file_actions_addchdir_np(&files, plan.directory.c_str());
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  pid_t pid = 0;
  const int why = ::posix_spawn(&pid, arguments.front().c_str(), &files, nullptr,
                                pointers(arguments).data(), pointers(variables).data());
  ::posix_spawn_file_actions_destroy(&files);
  if (why != 0)
    throw std::runtime_error(arguments.front() + " cannot be started: " + std::strerror(why));
  return pid;
}

} // namespace

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text;
  std::array<char, 4096> part{};
  // A process may end while its files in /proc are read: an iterator would throw then.
  while (file.read(part.data(), part.size()) || file.gcount() > 0)
    text.append(part.data(), static_cast<std::size_t>(file.gcount()));
  return text;
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

program::program(program_plan plan) : plan_(std::move(plan)), pid_(start(plan_)) {}

program::~program() {
  if (status_)
    return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void program::signal(int number) const {
  if (!status_)
    ::kill(pid_, number);
}

bool program::running() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
  return !status_;
}

// Its command line, and what the kernel says that it does: "State: S (sleeping)", "TracerPid: 0".
std::string program::description() const {
  std::string text;
  for (const auto& argument : plan_.arguments)
    text += argument + ' ';
  text += "(process " + std::to_string(pid_);
  std::istringstream status{read_text("/proc/" + std::to_string(pid_) + "/status")};
  for (std::string line; std::getline(status, line);)
    for (const auto* name : {"State:", "TracerPid:", "Threads:", "ShdPnd:"})
      if (line.starts_with(name))
        text += ", " + line;
  return text + ")";
}

std::uint64_t program::resident_kib() const {
  const auto status = read_text("/proc/" + std::to_string(pid_) + "/status");
  const auto at = status.find("VmRSS:");
  return at == std::string::npos ? 0 : std::stoull(status.substr(at + 6));
}

outcome program::wait(std::chrono::milliseconds within) {
  if (!eventually([this] { return !running(); }, within)) {
    const auto seen = description();
    signal(SIGKILL);
    throw std::runtime_error(seen + " did not end within " + std::to_string(within.count()) +
                             " ms; it said:\n" + out() + err());
  }
  return {*status_, out(), err()};
}

} // namespace pawl::test
