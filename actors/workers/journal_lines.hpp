// Gathers what a command prints into batches for the journal, up to the journal's limit.
#pragma once

#include "lifecycle/event.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pawl {

// Used by one thread; a thread of its own stores what has waited for limits::log_batch_delay, so
// that a command that prints one line and then works for a minute is seen to have printed it. Keeps
// at most one batch (limits::log_batch_bytes) and the last limits::failure_log_lines.
class journal_lines {
public:
  // `store_batch` is given each batch, and returns when it is durable: that is what slows a command
  // down that prints faster than the disk writes. Never called twice at once.
  journal_lines(std::string step, std::function<timestamp()> now,
                std::function<void(std::vector<event>)> store_batch);

  void add(std::string_view stream, std::string_view line);

  // Stores what is left, and a warning that says how many lines were dropped, if any were.
  void finish();

  // The last lines, oldest first, joined by line feeds: for the details of a failure.
  std::string last_lines() const;

private:
  void start_flusher();
  void flush(); // with the mutex held
  void flush_in_time(const std::stop_token& stop);

  const std::string step_;
  const std::function<timestamp()> now_;
  const std::function<void(std::vector<event>)> store_batch_;
  mutable std::mutex mutex_;
  std::condition_variable_any begun_; // a batch has its first line
  std::vector<event> batch_;
  std::size_t batch_bytes_ = 0;
  std::size_t stored_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::deque<std::string> last_;
  std::jthread flusher_; // last: it ends before what it uses
};

} // namespace pawl
