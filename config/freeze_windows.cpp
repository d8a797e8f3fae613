#include "config/freeze_windows.hpp"

#include "config/time_zones.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::config {

namespace {

constexpr std::string_view example = "\"Fri 16:00 - Mon 08:00 Europe/Berlin\"";
constexpr std::array<std::string_view, 7> day_names{"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};

error wrong(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

error no_window(std::string_view text) {
  return wrong(
      fmt::format("has \"{}\" in it, but a window is a day and a time, a hyphen, a day and "
                  "a time, and a time zone, such as {}",
                  text, example));
}

// Takes the next word off the front; empty at the end.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::chrono::minutes> parse_clock(std::string_view text) {
  constexpr std::size_t size = 5; // HH:MM
  if (text.size() != size || text[2] != ':')
    return std::nullopt;
  for (std::size_t i : {0U, 1U, 3U, 4U})
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  if (two(0) > 23 || two(3) > 59)
    return std::nullopt;
  return std::chrono::hours{two(0)} + std::chrono::minutes{two(3)};
}

// A moment of the week, from Monday 00:00 on.
result<std::chrono::minutes> parse_moment(std::string_view day, std::string_view clock,
                                          std::string_view text) {
  for (std::size_t n = 0; n < day_names.size(); ++n) {
    if (day_names.at(n) != day)
      continue;
    const auto time = parse_clock(clock);
    if (!time)
      return wrong(
          fmt::format("has the time \"{}\" in it, but a time is from 00:00 to 23:59", clock));
    return std::chrono::minutes{std::chrono::days{n}} + *time;
  }
  if (day.empty() || clock.empty())
    return no_window(text);
  return wrong(fmt::format("has the day \"{}\" in it, but a day is Mon, Tue, Wed, Thu, Fri, Sat or "
                           "Sun",
                           day));
}

} // namespace

result<freeze_window> parse_freeze_window(std::string_view text) {
  auto rest = text;
  std::array<std::string_view, 6> words;
  for (auto& word : words)
    word = take_word(rest);
  const auto& [day, clock, hyphen, end_day, end_clock, zone_name] = words;
  if (hyphen != "-" || zone_name.empty() || !take_word(rest).empty())
    return no_window(text);
  auto from = parse_moment(day, clock, text);
  if (!from)
    return std::move(from).error();
  auto to = parse_moment(end_day, end_clock, text);
  if (!to)
    return std::move(to).error();
  if (*from == *to)
    return wrong(fmt::format("has \"{}\" in it, which is empty: a window ends at another time than "
                             "it begins; to freeze a cluster for good: pawl freeze -C CLUSTER",
                             text));
  auto zone = read_time_zone(std::string{zone_name});
  if (!zone)
    return wrong(
        fmt::format("has the time zone \"{}\" in it, which this system does not know: use "
                    "a name such as Europe/Berlin or UTC (timedatectl list-timezones shows "
                    "them), and install tzdata if there are none",
                    zone_name));
  return freeze_window{std::string{text}, *from, *to,
                       std::make_shared<const time_zone>(*std::move(zone))};
}

} // namespace pawl::config
