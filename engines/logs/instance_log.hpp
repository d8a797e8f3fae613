// The log of one instance: a file that the instance appends to by itself, also while no server
// runs, and over all its starts. A byte keeps its place for ever: when the log gives up its
// beginning, it becomes a hole in the file. So a reader needs to remember only a place.
//
// Dropped: files that are renamed when they are full. The instance has the file open, and while the
// server is down nothing could tell it to open another one.
#pragma once

#include "engines/instance_logs.hpp"
#include "engines/logs/log_times.hpp"
#include "lifecycle/limits.hpp"
#include "posix/files.hpp"

#include <functional>

namespace pawl {

inline constexpr std::uint64_t running_log_most = 64 * limits::mib;
inline constexpr std::uint64_t running_log_kept = 32 * limits::mib;
inline constexpr std::uint64_t stopped_log_kept = 4 * limits::mib;
inline constexpr std::uint64_t stopped_logs_bytes = 256 * limits::mib; // all of them together
inline constexpr std::size_t stopped_logs_kept = 200;

// Opens or creates the log for an instance to append to, and ends a line that an earlier start left
// open.
result<descriptor> open_log(const std::filesystem::path& log);

// The length of the log, with the beginning that it gave up, and the time of its last write; 0 and
// 1970 if there is none.
log_mark log_extent(const std::filesystem::path& log);
inline std::uint64_t log_size(const std::filesystem::path& log) {
  return log_extent(log).size;
}

// As instance_logs::read(), without `stopped`.
log_page read_log_page(const std::filesystem::path& log, std::uint64_t from, std::size_t most_lines,
                       bool unfinished);

// Where the last lines begin. Looks at the last 16 MiB.
std::uint64_t last_lines_begin(const std::filesystem::path& log, std::size_t lines);

// The last lines from a place on, oldest first; none if there is no log.
std::vector<std::string> last_lines(const std::filesystem::path& log, std::size_t lines,
                                    std::uint64_t from = 0);

// Punches a hole into a log that takes more than `most` bytes of the disk, so that its last `kept`
// bytes stay. Does nothing on a file system without holes.
void bound_log(const std::filesystem::path& log, std::uint64_t most, std::uint64_t kept);

// Removes the oldest logs of stopped instances in the directory, beyond stopped_logs_kept and
// stopped_logs_bytes, and the marks (log_times.hpp) of logs that are gone. `runs` says whether an
// instance is not stopped.
void remove_old_logs(const std::filesystem::path& directory,
                     const std::function<bool(const std::string&)>& runs);

} // namespace pawl
