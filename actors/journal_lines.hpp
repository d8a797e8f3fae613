// Gathers what a command prints into batches for the journal, up to the journal's limit.
#pragma once

#include "lifecycle/event.hpp"

#include <deque>
#include <functional>

namespace pawl {

// Used by one thread. Keeps at most one batch (limits::log_batch_bytes) and the last
// limits::failure_log_lines.
class journal_lines {
public:
  using clock = std::function<std::chrono::steady_clock::time_point()>;
  using wall_clock = std::function<timestamp()>;

  // `store_batch` is given each full batch, and returns when it is durable: that is what slows a
  // command down that prints faster than the disk writes.
  journal_lines(std::string step, wall_clock now, clock steady,
                std::function<void(std::vector<event>)> store_batch);

  void add(std::string_view stream, std::string_view line);

  // Stores what is left, and a warning that says how many lines were dropped, if any were.
  void finish();

  // The last lines, oldest first, joined by line feeds: for the details of a failure.
  std::string last_lines() const;

private:
  void flush();

  std::string step_;
  wall_clock now_;
  clock steady_;
  std::function<void(std::vector<event>)> store_batch_;
  std::vector<event> batch_;
  std::size_t batch_bytes_ = 0;
  std::chrono::steady_clock::time_point batch_began_ = {};
  std::size_t stored_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::deque<std::string> last_;
};

} // namespace pawl
