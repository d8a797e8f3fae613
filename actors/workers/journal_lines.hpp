// Gathers the lines that a command prints into batches for the journal, up to the journal's limit.
#pragma once

#include "lifecycle/event.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pawl {

// Used by one thread. A thread of its own stores lines that have waited for
// limits::log_batch_delay, so that a line is seen although the command prints no other for a
// minute. Keeps at most one batch (limits::log_batch_bytes) and the last limits::failure_log_lines.
class journal_lines {
public:
  // `store_batch` is called with each batch, and returns when the batch is durable: this slows down
  // a command that prints faster than the disk writes. It is never called by two threads at once.
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
