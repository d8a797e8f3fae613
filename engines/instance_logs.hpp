// The output of an engine's instances: read by place, followed while it grows. A place is a number
// of bytes from the beginning of an instance's log; it stays valid over restarts of the instance
// and of the server. A log is kept for some time after its instance was stopped. Every function
// blocks, and may be called from any thread, by several at once.
#pragma once

#include "lifecycle/timestamp.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pawl {

// A part of what an instance printed.
struct log_page {
  std::vector<std::string> lines = {}; // each at most limits::log_line_bytes, in bytes as they came
  std::vector<timestamp> times = {};   // when each of them had come, as far as the engine noticed
  std::uint64_t skipped = 0;           // bytes before the first line that the log no longer has
  std::uint64_t next = 0;              // the place where the next page begins
  std::uint64_t size = 0;              // of the log when it was read, with what it no longer has
  bool at_end = false;                 // there was no further line
  bool stopped = false;                // before it was read: without a start, nothing more comes
};

class instance_logs {
public:
  instance_logs() = default;
  instance_logs(const instance_logs&) = delete;
  instance_logs& operator=(const instance_logs&) = delete;
  virtual ~instance_logs() = default;

  // The last lines that the instance printed, oldest first: at most `lines`; none if there is no
  // such instance.
  virtual std::vector<std::string> last_lines(const std::string& name, std::size_t lines) = 0;

  // The place where the last `lines` lines begin.
  virtual std::uint64_t last_lines_begin(const std::string& name, std::size_t lines) = 0;

  // The lines from a place on (0 is the beginning): at most `most_lines`, and at most
  // limits::log_page_bytes. A last line without a line feed is left out, unless `unfinished` is set
  // or the instance was stopped. For an instance that never existed: an empty page, `stopped`.
  virtual log_page read(const std::string& name, std::uint64_t from, std::size_t most_lines,
                        bool unfinished) = 0;

  // Calls back once when the log has grown beyond the page, or when the instance was stopped after
  // the page was read; from a thread of the engine's, or from this call. An instance that has not
  // been started yet can be watched. Destroying the returned object cancels the callback, unless it
  // is already running.
  virtual std::shared_ptr<void> watch(const std::string& name, const log_page& seen,
                                      std::function<void()> callback) = 0;
};

} // namespace pawl
