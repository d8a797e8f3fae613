#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace pawl::config {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr auto duration_units = std::to_array<unit>(
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}});
constexpr auto size_units =
    std::to_array<unit>({{"G", limits::gib}, {"M", limits::mib}, {"K", limits::kib}, {"", 1}});

// A whole number followed by exactly one unit, multiplied out; nothing past the range of int64.
template <class Units>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const Units& units) {
  std::uint64_t number = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{})
    return std::nullopt;
  auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& each : units) {
    if (each.name != name)
      continue;
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (number > most / each.factor)
      return std::nullopt;
    return number * each.factor;
  }
  return std::nullopt;
}

template <class Units>
std::string format_with_unit(std::uint64_t value, const Units& units) {
  for (const auto& each : units)
    if (value >= each.factor && value % each.factor == 0)
      return fmt::format("{}{}", value / each.factor, each.name);
  return fmt::format("{}{}", value, units.back().name);
}

} // namespace

std::optional<duration> parse_duration(std::string_view text) {
  auto milliseconds = parse_with_unit(text, duration_units);
  if (!milliseconds)
    return std::nullopt;
  return duration{static_cast<duration::rep>(*milliseconds)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, size_units);
}

std::string format_duration(duration value) {
  if (value == duration::zero())
    return "0s";
  return format_with_unit(static_cast<std::uint64_t>(value.count()), duration_units);
}

std::string format_size(std::uint64_t bytes) {
  return format_with_unit(bytes, size_units);
}

std::string toml_string(std::string_view text) {
  std::string out{"\""};
  for (char each : text)
    if (each == '"' || each == '\\')
      out += {'\\', each};
    else if (static_cast<unsigned char>(each) < 0x20 || each == 0x7f)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(each));
    else
      out += each;
  return out + "\"";
}

bool is_host_and_port(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return false;
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (!bracketed && host.find_first_of(":[]/ \t\"\\") != std::string_view::npos)
    return false;
  std::uint16_t port = 0;
  auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return problem == std::errc{} && end == digits.data() + digits.size() && port != 0;
}

} // namespace pawl::config
