// When the bytes of an instance's log came.
//
// An instance writes its log by itself, also while no server runs, and its lines are the app's own.
// So the server notes beside the log how long it was at which time: DIRECTORY/times/NAME is a list
// of marks, each the length of the log and a time in milliseconds since 1970, as 8 bytes with the
// lowest first. All bytes between two marks came by the time of the second, and after that of the
// first. The time is that of the last write, which the file system knows to some milliseconds;
// bytes that came while no server ran have the time of the last of them.
//
// A list has at most log_marks_most marks: then each second one goes, so that the times of old
// lines become coarser, and those of new lines stay exact. It is not flushed: after a power failure
// the lines without a mark have the time of the next one, or of the log's last write.
//
// Dropped: a process of ours between the app and its log that writes a time into each line. It
// would have to outlive the server, and an app whose output passes it could lose its last lines.
#pragma once

#include "lifecycle/limits.hpp"
#include "lifecycle/timestamp.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace pawl {

inline constexpr std::size_t log_marks_most = 32 * limits::kib; // 512 KiB; an hour of steady output

// The log had this length by that time.
struct log_mark {
  std::uint64_t size = 0;
  timestamp at = {};
};

// The file with the marks of a log.
std::filesystem::path marks_of(const std::filesystem::path& log);

// Removes the marks of the logs in this directory that are gone.
void remove_stray_marks(const std::filesystem::path& directory);

// Notes how one log grows. Used by one thread at a time, and by one object for each log.
class log_times {
public:
  explicit log_times(const std::filesystem::path& log) : marks_(marks_of(log)) {}

  // The present length of the log, and the time of its last write. An app can set that time: it is
  // taken only as far as it lies between the last mark and now. On a full disk nothing is noted.
  void note(log_mark present);

private:
  void begin(std::uint64_t size);
  void thin_out();

  const std::filesystem::path marks_;
  bool begun_ = false;
  log_mark last_ = {};
  std::size_t count_ = 0;
};

// When the bytes at these places, in ascending order, had come; `present` is the log as it was
// read, for those that are not marked yet. Never later than now.
std::vector<timestamp> times_of(const std::filesystem::path& log,
                                std::span<const std::uint64_t> places, log_mark present);

} // namespace pawl
