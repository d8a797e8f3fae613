#include "engines/docker/copied_log.hpp"

#include "engines/docker/api_client.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::size_t id_digits = 64;
constexpr std::size_t time_bytes = 40;
constexpr std::size_t place_bytes = id_digits + 1 + 20 + 1 + time_bytes + 1;

std::uint64_t length_of(const descriptor& file) {
  struct stat about {};
  return ::fstat(file.get(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

// A number of exactly so many digits.
std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  const auto part = text.substr(std::min(at, text.size()), digits);
  auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (problem != std::errc{} || part.size() != digits || end != part.data() + digits)
    return std::nullopt;
  return number;
}

} // namespace

// "2026-11-29T04:28:54.123456789Z"
std::string as_query_time(std::string_view time) {
  using namespace std::chrono;
  const auto year_number = number_at(time, 0, 4);
  const auto month_number = number_at(time, 5, 2);
  const auto day_number = number_at(time, 8, 2);
  const auto hour_number = number_at(time, 11, 2);
  const auto minute_number = number_at(time, 14, 2);
  const auto second_number = number_at(time, 17, 2);
  const auto fraction = number_at(time, 20, 9);
  if (!year_number || !month_number || !day_number || !hour_number || !minute_number ||
      !second_number || !fraction)
    return {};
  const sys_days date = year{*year_number} / month{static_cast<unsigned>(*month_number)} /
                        day{static_cast<unsigned>(*day_number)};
  const auto at = date + hours{*hour_number} + minutes{*minute_number} + seconds{*second_number};
  return fmt::format("{}.{:09}", sys_seconds{at}.time_since_epoch().count(), *fraction);
}

result<std::unique_ptr<copied_log>> copied_log::open(descriptor log,
                                                     const std::filesystem::path& place,
                                                     const std::string& container,
                                                     redaction_table redacted) {
  auto noted = open_file(place, O_RDWR | O_CREAT | O_NOFOLLOW);
  if (!noted)
    return std::move(noted).error();
  std::unique_ptr<copied_log> made{
      new copied_log{std::move(log), *std::move(noted), container, std::move(redacted)}};
  made->begin();
  return made;
}

copied_log::copied_log(descriptor log, descriptor noted, std::string container,
                       redaction_table redacted)
    : log_(std::move(log)), noted_(std::move(noted)), container_(std::move(container)),
      append_([this](std::string_view, std::string_view line) {
        unwritten_ += line;
        unwritten_ += '\n';
      }),
      redacted_(std::move(redacted), append_),
      lines_(
          [this](std::string_view stream, std::string_view line) { redacted_.add(stream, line); }),
      frames_(true, [this](const log_frames::frame& part) { take_frame(part); }) {}

void copied_log::begin() {
  const auto known = read_place(noted_);
  const auto present = length_of(log_);
  if (known && known->container == container_) {
    newest_ = copied_until_ = known->time;
    if (present > known->length)
      static_cast<void>(::ftruncate(log_.get(), static_cast<off_t>(known->length)) == 0);
  }
  note();
}

std::string copied_log::query() const {
  auto since = as_query_time(copied_until_);
  return fmt::format("/containers/{}/logs?follow=1&stdout=1&stderr=1&timestamps=1{}{}",
                     url_part(container_), since.empty() ? "" : "&since=", since);
}

bool copied_log::take(std::string_view bytes) {
  const bool sense = frames_.take(bytes);
  write();
  return sense;
}

void copied_log::finish() {
  lines_.finish();
  redacted_.finish();
  write();
}

void copied_log::take_frame(const log_frames::frame& part) {
  if (part.time <= copied_until_)
    return;
  newest_ = part.time;
  lines_.take(part.stream, part.text);
}

void copied_log::write() {
  if (unwritten_.empty())
    return;
  [[maybe_unused]] auto written = write_all(log_.get(), unwritten_);
  unwritten_.clear();
  if (lines_.at_line_end() && redacted_.at_line_end())
    note();
}

// In one call, so that a crash leaves the place before or this one.
void copied_log::note() {
  auto text = fmt::format("{:<64} {:<20} {:<40}\n", container_, length_of(log_), newest_);
  text.resize(place_bytes, ' ');
  [[maybe_unused]] auto count = ::pwrite(noted_.get(), text.data(), text.size(), 0);
}

std::optional<copied_log::place> copied_log::read_place(const descriptor& from) {
  std::array<char, place_bytes> bytes{};
  if (::pread(from.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return std::nullopt;
  const std::string_view text{bytes.data(), bytes.size()};
  const auto word = [&](std::size_t at, std::size_t most) {
    const auto part = text.substr(at, most);
    return std::string{part.substr(0, part.find(' '))};
  };
  place known{word(0, id_digits)};
  const auto length = word(id_digits + 1, 20);
  auto [end, problem] = std::from_chars(length.data(), length.data() + length.size(), known.length);
  if (problem != std::errc{})
    return std::nullopt;
  known.time = word(id_digits + 1 + 20 + 1, time_bytes);
  return known;
}

} // namespace pawl
