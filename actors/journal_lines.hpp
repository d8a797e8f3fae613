// Gathers what a command prints into batches for the journal, up to the journal's limit.
#pragma once

#include "lifecycle/event.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pawl {

// Used by one thread; a second one, of its own, stores what waits while the command is silent.
// Keeps at most one batch (limits::log_batch_bytes) and the last limits::failure_log_lines.
class journal_lines {
public:
  using wall_clock = std::function<timestamp()>;

  // `store_batch` is given each batch, from either thread, one at a time and in order; it returns
  // when the batch is durable: that is what slows a command down that prints faster than the disk
  // writes.
  journal_lines(std::string step, wall_clock now,
                std::function<void(std::vector<event>)> store_batch);

  void add(std::string_view stream, std::string_view line);

  // Stores what is left, and a warning that says how many lines were dropped, if any were.
  void finish();

  // The last lines, oldest first, joined by line feeds: for the details of a failure.
  std::string last_lines() const;

private:
  void flush();
  void store_in_time(const std::stop_token& stop);

  const std::string step_;
  const wall_clock now_;
  const std::function<void(std::vector<event>)> store_batch_;
  mutable std::mutex mutex_; // guards all below; held while a batch is stored: batches keep order
  std::condition_variable_any batch_begun_;
  std::vector<event> batch_;
  std::size_t batch_bytes_ = 0;
  std::size_t stored_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::deque<std::string> last_;
  std::jthread keeper_; // last: it uses the others
};

} // namespace pawl
