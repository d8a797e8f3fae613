// Copies the output of one container into the log of its instance (engines/logs), which then has
// its places whatever the daemon does with its own files.
//
// How far it is copied stands in a file beside the record: the container, the length of the log,
// and the time of the last part that was copied whole. After a crash the log is cut back to that
// length, and the rest is copied again, byte for byte: a place that a viewer has seen stays.
#pragma once

#include "engines/docker/line_cutter.hpp"
#include "engines/docker/log_frames.hpp"
#include "engines/variables/redacted_lines.hpp"
#include "posix/descriptor.hpp"

namespace pawl {

class copied_log {
public:
  // `log` appends to the log; `place` is the file beside the record. Fails as open() does.
  // Nothing of `redacted` is in the log.
  static result<std::unique_ptr<copied_log>> open(descriptor log,
                                                  const std::filesystem::path& place,
                                                  const std::string& container,
                                                  redaction_table redacted = {});

  // The query that asks the daemon for what is missing.
  std::string query() const;

  // The next bytes of the answer. False if they make no sense. On a full disk lines are lost.
  bool take(std::string_view bytes);

  // No more comes: ends the line that was left open.
  void finish();

private:
  struct place {
    std::string container;
    std::uint64_t length = 0;
    std::string time = {}; // of the last part; empty: none was copied
  };

  copied_log(descriptor log, descriptor noted, std::string container, redaction_table redacted);
  void begin();
  void take_frame(const log_frames::frame& part);
  void write();
  void note();
  static std::optional<place> read_place(const descriptor& from);

  const descriptor log_;
  const descriptor noted_;
  const std::string container_;
  std::string copied_until_; // parts up to this time are in the log
  std::string newest_;       // the time of the last part that came
  std::string unwritten_;
  const line_sink append_;
  redacted_lines redacted_;
  line_cutter lines_;
  log_frames frames_;
};

// A time of the daemon's as its queries want it, "1764390534.123456789"; empty for something else.
std::string as_query_time(std::string_view time);

} // namespace pawl
