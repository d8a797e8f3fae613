#include "client/terminal/step_view.hpp"

#include "client/terminal/time.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::client {

namespace {

constexpr std::size_t log_rows = 6;    // of a running step: enough to see progress
constexpr std::size_t health_rows = 8; // more instances are counted

std::string_view spinner(step_view::moment now, const look& how) {
  constexpr auto turn = std::chrono::milliseconds{100};
  constexpr std::array<std::string_view, 10> dots{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  constexpr std::array<std::string_view, 4> strokes{"|", "/", "-", "\\"};
  auto turns = static_cast<std::size_t>(now.time_since_epoch() / turn);
  return how.unicode ? dots[turns % dots.size()] : strokes[turns % strokes.size()];
}

std::string bar(std::uint64_t current, std::uint64_t total, std::size_t columns, const look& how) {
  auto full = std::min<std::size_t>(columns * current / total, columns);
  std::string text = how.unicode ? "" : "[";
  for (std::size_t i = 0; i < columns; ++i)
    text += i < full ? how.unicode ? "█" : "#" : how.unicode ? "░" : ".";
  return text + (how.unicode ? "" : "]");
}

bool is_upload(const std::optional<progress_event>& progress) {
  return progress && progress->unit == "bytes" && progress->total > 0 &&
         progress->current < progress->total;
}

} // namespace

void step_view::begin(state step, duration age, moment now) {
  state_ = step;
  since_ = now - std::max(age, duration{0});
  progress_.reset();
  log_.clear();
  checks_.clear();
}

void step_view::progressed(const progress_event& how_far, moment now) {
  if (!progress_ || progress_->step != how_far.step) {
    progress_since_ = now;
    progress_first_ = how_far.current;
  }
  progress_ = how_far;
}

void step_view::printed(const log_event& log) {
  log_.push_back(printable_output(log.line));
  if (log_.size() > limits::failure_log_lines)
    log_.pop_front();
}

void step_view::checked(const health_event& health) {
  checks_[health.instance] = {health.ok, health.detail};
}

std::string step_view::doing() const {
  auto counted = progress_ && progress_->total > 1
                     ? fmt::format(" {} of {}", progress_->current, progress_->total)
                     : std::string{};
  switch (*state_) {
  case state::queued:
    return "waiting for the deployment before it";
  case state::preparing:
    return "receiving and verifying the source";
  case state::building:
    return "building";
  case state::pushing:
    return "storing the version";
  case state::releasing:
    return "running the release command";
  case state::activating:
    if (progress_ && progress_->step == "start" && progress_->current < progress_->total)
      return "starting" + (counted.empty() ? " the instance" : counted + " instances");
    return progress_ && progress_->step == "switch" ? "switching the traffic" : "checking health";
  case state::cancelling:
    return "stopping its build and its instances";
  default:
    return std::string{to_string(*state_)};
  }
}

// The percentage, then as many of the other parts as fit, then a bar, if there is room for one.
std::string step_view::upload(moment now, std::size_t columns, const look& how) const {
  constexpr std::size_t bar_least = 8;
  constexpr std::size_t bar_most = 30;
  constexpr auto first_rate = std::chrono::milliseconds{300}; // before it, a rate says nothing
  auto head = fmt::format("{} uploading {:>3} %", how.warned(spinner(now, how)),
                          progress_->current * 100 / progress_->total);
  std::vector<std::string> parts{
      fmt::format("{} of {}", human_bytes(progress_->current), human_bytes(progress_->total))};
  auto took = now - progress_since_;
  if (took >= first_rate) {
    auto seconds = std::chrono::duration<double>(took).count();
    auto sent =
        static_cast<double>(progress_->current - std::min(progress_first_, progress_->current));
    parts.push_back(human_bytes(static_cast<std::uint64_t>(sent / seconds)) + "/s");
  }
  parts.push_back(elapsed(std::chrono::duration_cast<duration>(now - since_)));
  std::string tail;
  for (const auto& part : parts)
    if (width(head) + width(tail) + width(part) + 2 < columns)
      tail += "  " + part;
  auto taken = width(head) + width(tail) + 4; // a space, the ASCII bar's ends, the last column
  if (columns < taken + bar_least)
    return head + tail;
  auto room = std::min(columns - taken, bar_most);
  return fmt::format("{} {}{}", head, bar(progress_->current, progress_->total, room, how), tail);
}

std::string step_view::head(moment now, std::size_t columns, const look& how) const {
  if (is_upload(progress_))
    return upload(now, columns, how);
  auto took = elapsed(std::chrono::duration_cast<duration>(now - since_));
  return fmt::format("{} {} {}", how.warned(spinner(now, how)), doing(), how.faint(took));
}

std::vector<std::string> step_view::health(const look& how) const {
  std::vector<std::string> all;
  for (const auto& [instance, last] : checks_)
    all.push_back(fmt::format("  {} {}: {}", printable(instance),
                              last.ok ? how.good("healthy") : how.warned("not healthy yet"),
                              printable(last.detail)));
  return all;
}

std::vector<std::string> step_view::lines(moment now, std::size_t columns, std::size_t rows,
                                          const look& how) const {
  std::vector<std::string> all;
  if (!state_ || rows == 0)
    return all;
  all.push_back(head(now, columns, how));
  if (searching_)
    all.emplace_back("  " + how.warned("connection lost, connecting again"));
  auto room = rows - std::min(rows, all.size());
  auto checks = health(how);
  auto shown = std::min({checks.size(), health_rows, room});
  all.insert(all.end(), checks.begin(), checks.begin() + static_cast<std::ptrdiff_t>(shown));
  if (shown < checks.size() && shown > 0)
    all.back() = fmt::format("  and {} more", checks.size() - shown + 1);
  room = rows - std::min(rows, all.size());
  auto first = log_.size() - std::min({log_.size(), log_rows, room});
  for (auto i = first; i < log_.size(); ++i)
    all.push_back(how.faint(fmt::format("  {} {}", how.unicode ? "│" : "|", log_[i])));
  return all;
}

} // namespace pawl::client
