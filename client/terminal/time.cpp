#include "client/terminal/time.hpp"

#include "config/values.hpp"

#include <fmt/format.h>

#include <charconv>

namespace pawl::client {

namespace {

using namespace std::chrono;

// Takes exactly `digits` digits and, if it is not NUL, the character after them off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits, char after) {
  if (text.size() < digits)
    return std::nullopt;
  int number = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  if (after == '\0')
    return number;
  if (!text.starts_with(after))
    return std::nullopt;
  text.remove_prefix(1);
  return number;
}

std::optional<sys_days> take_date(std::string_view& text) {
  auto y = take_number(text, 4, '-');
  auto m = y ? take_number(text, 2, '-') : std::nullopt;
  auto d = m ? take_number(text, 2, '\0') : std::nullopt;
  if (!d)
    return std::nullopt;
  year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  return date.ok() ? std::optional{sys_days{date}} : std::nullopt;
}

// "Z", "+02:00", "-0530".
std::optional<minutes> take_offset(std::string_view text) {
  if (text == "Z" || text == "z")
    return minutes{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-'))
    return std::nullopt;
  int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  auto h = take_number(text, 2, ':');
  auto m = h ? take_number(text, 2, '\0') : std::nullopt;
  if (!m || !text.empty() || *h > 23 || *m > 59)
    return std::nullopt;
  return sign * (hours{*h} + minutes{*m});
}

// Milliseconds of ".678"; further digits are dropped.
std::optional<milliseconds> take_fraction(std::string_view& text) {
  if (!text.starts_with('.'))
    return milliseconds{0};
  text.remove_prefix(1);
  int value = 0;
  int scale = 100;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    value += (text[digits] - '0') * scale;
    scale /= 10;
  }
  text.remove_prefix(digits);
  return digits == 0 ? std::nullopt : std::optional{milliseconds{value}};
}

} // namespace

std::optional<timestamp> parse_time(std::string_view text, timestamp now) {
  if (auto before = config::parse_duration(text); before && *before <= now.time_since_epoch())
    return now - *before;
  auto day = take_date(text);
  if (!day)
    return std::nullopt;
  if (text.empty())
    return timestamp{*day};
  if (text.front() != 'T' && text.front() != 't' && text.front() != ' ')
    return std::nullopt;
  text.remove_prefix(1);
  auto h = take_number(text, 2, ':');
  auto m = h ? take_number(text, 2, ':') : std::nullopt;
  auto s = m ? take_number(text, 2, '\0') : std::nullopt;
  auto fraction = s ? take_fraction(text) : std::nullopt;
  auto offset = fraction ? take_offset(text) : std::nullopt;
  if (!offset || *h > 23 || *m > 59 || *s > 60)
    return std::nullopt;
  return timestamp{*day} + hours{*h} + minutes{*m} + seconds{*s} + *fraction - *offset;
}

std::optional<timestamp> parse_end(std::string_view text, timestamp now) {
  constexpr timestamp latest{sys_days{year{9999} / January / 1}};
  if (auto after = config::parse_duration(text))
    return *after < latest - now ? std::optional{now + *after} : std::nullopt;
  return parse_time(text, now);
}

std::string ago(timestamp at, timestamp now) {
  auto age = now - at;
  if (age < 10s)
    return "just now";
  if (age < 60s)
    return fmt::format("{} s ago", duration_cast<seconds>(age).count());
  if (age < 60min)
    return fmt::format("{} min ago", duration_cast<minutes>(age).count());
  if (age < 48h)
    return fmt::format("{} h ago", duration_cast<hours>(age).count());
  if (age < days{60})
    return fmt::format("{} d ago", duration_cast<days>(age).count());
  return format_time(at).substr(0, 10);
}

std::string elapsed(duration time) {
  auto whole = duration_cast<seconds>(time).count();
  if (time < 10s)
    return fmt::format("{:.1f} s", duration_cast<std::chrono::duration<double>>(time).count());
  if (whole < 60)
    return fmt::format("{} s", whole);
  if (whole < 3600)
    return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

timestamp wall_time() {
  return floor<milliseconds>(system_clock::now());
}

} // namespace pawl::client
