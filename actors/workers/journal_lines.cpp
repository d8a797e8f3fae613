#include "actors/workers/journal_lines.hpp"

#include "lifecycle/bounded_text.hpp"

#include <fmt/format.h>

#include <system_error>

namespace pawl {

namespace {

// The bytes of an event in a stored batch beside its line: numbers and names.
constexpr std::size_t event_overhead = 48;

} // namespace

journal_lines::journal_lines(std::string step, std::function<timestamp()> now,
                             std::function<void(std::vector<event>)> store_batch)
    : step_(std::move(step)), now_(std::move(now)), store_batch_(std::move(store_batch)) {}

// Many commands print nothing.
void journal_lines::start_flusher() {
  if (flusher_.joinable())
    return;
  try {
    flusher_ = std::jthread{[this](const std::stop_token& stop) { flush_in_time(stop); }};
  } catch (const std::system_error&) {
    // No thread: the lines are stored all the same, those of a slow command only at its end.
  }
}

void journal_lines::add(std::string_view stream, std::string_view line) {
  std::lock_guard lock{mutex_};
  line = line.substr(0, limits::log_line_bytes);
  last_.emplace_back(line);
  if (last_.size() > limits::failure_log_lines)
    last_.pop_front();
  auto cost = line.size() + event_overhead;
  if (stored_bytes_ + cost > limits::journal_bytes) {
    ++dropped_;
    return;
  }
  stored_bytes_ += cost;
  batch_.push_back({0, now_(), log_event{step_, std::string{stream}, std::string{line}}});
  batch_bytes_ += cost;
  if (batch_bytes_ >= limits::log_batch_bytes || batch_.size() >= limits::journal_page_events)
    flush();
  else if (batch_.size() == 1) {
    start_flusher();
    begun_.notify_one();
  }
}

void journal_lines::finish() {
  std::lock_guard lock{mutex_};
  if (dropped_ > 0)
    batch_.push_back({0, now_(),
                      warning_event{fmt::format(
                          "{} lines of the {} log were dropped: it is over its limit of {} MiB",
                          dropped_, step_, limits::journal_bytes / limits::mib)}});
  dropped_ = 0;
  flush();
}

std::string journal_lines::last_lines() const {
  std::lock_guard lock{mutex_};
  return failure_log({last_.begin(), last_.end()});
}

void journal_lines::flush() {
  if (batch_.empty())
    return;
  batch_bytes_ = 0;
  store_batch_(std::exchange(batch_, {}));
}

void journal_lines::flush_in_time(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (begun_.wait(lock, stop, [this] { return !batch_.empty(); })) {
    begun_.wait_for(lock, stop, limits::log_batch_delay, [] { return false; });
    flush();
  }
}

} // namespace pawl
