#include "config/time_zones.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>

namespace pawl::config {

namespace {

using namespace std::chrono;

constexpr sys_days first_known_day{year{2000} / January / 1};
constexpr sys_days last_known_day{year{2100} / January / 1};

// Where libc looks: a name that is no file there would be taken for UTC.
bool is_known(const std::string& name) {
  const bool is_plain =
      !name.empty() && name.front() != '/' && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '_' || c == '-' || c == '+';
      });
  if (!is_plain)
    return false;
  const char* directory = std::getenv("TZDIR");
  const std::filesystem::path database =
      directory != nullptr && *directory != '\0' ? directory : "/usr/share/zoneinfo";
  std::error_code unreadable;
  return std::filesystem::is_regular_file(database / name, unreadable);
}

// While it lives, libc's time zone is this one.
class present_zone {
public:
  explicit present_zone(const std::string& name) {
    if (const char* was = std::getenv("TZ"))
      was_ = was;
    ::setenv("TZ", (":" + name).c_str(), 1);
    ::tzset();
  }
  present_zone(const present_zone&) = delete;
  present_zone& operator=(const present_zone&) = delete;
  ~present_zone() {
    if (was_)
      ::setenv("TZ", was_->c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }

  seconds ahead_at(sys_seconds at) const {
    const std::time_t time = at.time_since_epoch().count();
    std::tm shown{};
    return ::localtime_r(&time, &shown) == nullptr ? seconds{0} : seconds{shown.tm_gmtoff};
  }

private:
  std::optional<std::string> was_;
};

// The first second with the clocks of `to`, between one with others and it.
sys_seconds moment_of_change(const present_zone& clocks, sys_seconds from, sys_seconds to) {
  const auto before = clocks.ahead_at(from);
  while (to - from > seconds{1}) {
    const auto middle = from + (to - from) / 2;
    if (clocks.ahead_at(middle) == before)
      from = middle;
    else
      to = middle;
  }
  return to;
}

} // namespace

std::optional<time_zone> read_time_zone(const std::string& name) {
  if (!is_known(name))
    return std::nullopt;
  const present_zone clocks{name};
  constexpr days step{7}; // clocks are not put forward and back again within a week
  time_zone zone{name, clocks.ahead_at(first_known_day), {}};
  auto ahead = zone.ahead;
  for (sys_seconds at = first_known_day; at < last_known_day; at += step) {
    const auto then = clocks.ahead_at(at + step);
    if (then != ahead)
      zone.changes.push_back({moment_of_change(clocks, at, at + step), then});
    ahead = then;
  }
  return zone;
}

} // namespace pawl::config
