#include "bench/harness/machine.hpp"

#include "test/support/program.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <sys/utsname.h>
#include <thread>

namespace pawl::bench {

namespace {

// The rest of the first line that begins with the word, without the colon between them.
std::string fact(const std::string& file, const std::string& word) {
  std::ifstream lines{file};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(word)) {
      const auto at = line.find_first_not_of(" \t:", word.size());
      return at == std::string::npos ? "" : line.substr(at);
    }
  return "";
}

// The type of the mount that the path is on, which is the longest one that it begins with.
std::string file_system_of(const std::filesystem::path& place) {
  std::ifstream mounts{"/proc/self/mounts"};
  std::string best;
  std::string type;
  const auto path = std::filesystem::canonical(place).native() + "/";
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words{line};
    std::string device;
    std::string where;
    std::string kind;
    words >> device >> where >> kind;
    const auto prefix = where == "/" ? where : where + "/";
    if (path.starts_with(prefix) && prefix.size() >= best.size()) {
      best = prefix;
      type = kind;
    }
  }
  return type;
}

} // namespace

processor_times processor_times::now() {
  std::istringstream words{fact("/proc/stat", "cpu ")};
  processor_times times;
  constexpr int stolen_column = 7; // user nice system idle iowait irq softirq steal
  std::uint64_t ticks = 0;
  for (int column = 0; column <= stolen_column && words >> ticks; ++column) {
    times.all += ticks;
    if (column == stolen_column)
      times.stolen = ticks;
  }
  return times;
}

double processor_times::stolen_since(const processor_times& before) const {
  const auto passed = all - before.all;
  return passed == 0 ? 0
                     : static_cast<double>(stolen - before.stolen) / static_cast<double>(passed);
}

nlohmann::ordered_json machine_facts(const std::filesystem::path& place) {
  nlohmann::ordered_json facts;
  utsname kernel{};
  ::uname(&kernel);
  facts["pawl"] = PAWL_VERSION;
  facts["compiler"] = fmt::format("g++ {}", __VERSION__);
  facts["date"] =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                  std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  facts["kernel"] = fmt::format("{} {}", kernel.sysname, kernel.release);
  facts["processor"] = fact("/proc/cpuinfo", "model name");
  facts["processors"] = std::thread::hardware_concurrency();
  facts["memory"] = fact("/proc/meminfo", "MemTotal");
  facts["file_system"] = file_system_of(place);
  const auto load = test::read_text("/proc/loadavg");
  facts["load_before"] = load.substr(0, load.find(' '));
  return facts;
}

} // namespace pawl::bench
