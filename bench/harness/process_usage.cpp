#include "bench/harness/process_usage.hpp"

#include "test/support/program.hpp"

#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <fcntl.h>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pawl::bench {

namespace fs = std::filesystem;

namespace {

// The number after a name in a file of lines "name: number".
std::uint64_t number_after(const std::string& text, const std::string& name) {
  const auto at = text.find("\n" + name + ":");
  return at == std::string::npos ? 0
                                 : std::strtoull(text.c_str() + at + name.size() + 2, nullptr, 10);
}

double cpu_seconds_of(pid_t pid) {
  clockid_t id{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &id) != 0 || ::clock_gettime(id, &time) != 0)
    return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// cutime and cstime of proc(5), the 16th and 17th field. The second, a name in brackets, may hold
// spaces and brackets.
double gone_seconds_of(const fs::path& place) {
  constexpr int fields_before = 13; // behind the name
  const auto text = test::read_text(place / "stat");
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos)
    return 0;
  std::istringstream rest{text.substr(name_end + 2)};
  std::string skipped;
  for (int i = 0; i < fields_before; ++i)
    rest >> skipped;
  double user = 0;
  double kernel = 0;
  rest >> user >> kernel;
  return (user + kernel) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double milliseconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

std::vector<char*> c_words(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (auto& word : words)
    all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

} // namespace

process_usage usage_of(pid_t pid) {
  process_usage usage;
  const fs::path place{fmt::format("/proc/{}", pid)};
  const auto status = test::read_text(place / "status");
  usage.cpu_seconds = cpu_seconds_of(pid);
  usage.gone_seconds = gone_seconds_of(place);
  usage.resident_kib = number_after(status, "VmRSS");
  usage.anonymous_kib = number_after(status, "RssAnon");
  usage.peak_kib = number_after(status, "VmHWM");
  usage.proportional_kib = number_after(test::read_text(place / "smaps_rollup"), "Pss");
  std::error_code gone;
  for (const auto& thread : fs::directory_iterator{place / "task", gone}) {
    const auto text = test::read_text(thread.path() / "status");
    usage.switches += number_after(text, "voluntary_ctxt_switches") +
                      number_after(text, "nonvoluntary_ctxt_switches");
  }
  return usage;
}

process_usage usage_of(const std::vector<pid_t>& pids) {
  process_usage sum;
  for (const auto pid : pids) {
    const auto one = usage_of(pid);
    sum.cpu_seconds += one.cpu_seconds;
    sum.gone_seconds += one.gone_seconds;
    sum.switches += one.switches;
    sum.resident_kib += one.resident_kib;
    sum.anonymous_kib += one.anonymous_kib;
    sum.peak_kib += one.peak_kib;
    sum.proportional_kib += one.proportional_kib;
  }
  return sum;
}

std::vector<pid_t> family_of(pid_t pid) {
  std::vector<pid_t> family{pid};
  for (std::size_t i = 0; i < family.size(); ++i) {
    std::error_code gone;
    for (const auto& thread :
         fs::directory_iterator{fmt::format("/proc/{}/task", family[i]), gone}) {
      const auto children = test::read_text(thread.path() / "children");
      for (const char* at = children.c_str(); *at != '\0';) {
        char* end = nullptr;
        const auto child = std::strtol(at, &end, 10);
        if (end == at)
          break;
        family.push_back(static_cast<pid_t>(child));
        at = end;
      }
    }
  }
  return family;
}

void reset_peak(pid_t pid) {
  test::write_text(fmt::format("/proc/{}/clear_refs", pid), "5");
}

run_cost run_once(const std::vector<std::string>& words,
                  const std::vector<std::string>& environment) {
  auto arguments = words;
  auto variables = environment;
  posix_spawn_file_actions_t files{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const auto begin = std::chrono::steady_clock::now();
  const int why = ::posix_spawn(&pid, arguments.front().c_str(), &files, nullptr,
                                c_words(arguments).data(), c_words(variables).data());
  int status = 0;
  rusage used{};
  if (why == 0)
    ::wait4(pid, &status, 0, &used);
  const auto end = std::chrono::steady_clock::now();
  ::posix_spawn_file_actions_destroy(&files);
  if (why != 0)
    throw std::runtime_error(fmt::format("{} cannot be started", words.front()));
  constexpr int signal_base = 128; // as shells count
  return {std::chrono::duration<double, std::milli>(end - begin).count(),
          milliseconds_of(used.ru_utime) + milliseconds_of(used.ru_stime),
          WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status)};
}

} // namespace pawl::bench
