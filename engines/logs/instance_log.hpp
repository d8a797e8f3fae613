// What an instance prints: one file that it appends to by itself, also while no server runs, and
// over all its starts. A byte keeps its place in it for ever; what the log had to give up is a hole
// at its beginning. So a reader needs to remember nothing but a place.
//
// Dropped: files that are renamed when they are full. The instance has the file open, and nobody is
// there to tell it of another one while the server is down.
#pragma once

#include "engines/engine.hpp"
#include "posix/files.hpp"

namespace pawl {

inline constexpr std::uint64_t running_log_most = 64 * limits::mib;
inline constexpr std::uint64_t running_log_kept = 32 * limits::mib;
inline constexpr std::uint64_t stopped_log_kept = 4 * limits::mib;
inline constexpr std::uint64_t stopped_logs_bytes = 256 * limits::mib; // of all that are stopped
inline constexpr std::size_t stopped_logs_kept = 200;

// For an instance to append to. A line that an earlier start left open is ended.
result<descriptor> open_log(const std::filesystem::path& log);

// The length of the log, what it gave up included; 0 if there is none.
std::uint64_t log_size(const std::filesystem::path& log);

// As engine::read_log says, but for `stopped`.
log_page read_log_page(const std::filesystem::path& log, std::uint64_t from, std::size_t most_lines,
                       bool unfinished);

// Where the last lines begin. Looks at the last 16 MiB.
std::uint64_t last_lines_begin(const std::filesystem::path& log, std::size_t lines);

// The last lines from a place on, oldest first; none if there is no log.
std::vector<std::string> last_lines(const std::filesystem::path& log, std::size_t lines,
                                    std::uint64_t from = 0);

// Gives the beginning of a log that takes more than `most` bytes back to the disk; the last `kept`
// stay. Nothing happens where the file system can make no holes.
void bound_log(const std::filesystem::path& log, std::uint64_t most, std::uint64_t kept);

// Of the logs in the directory, except those that `runs` names, removes the oldest beyond
// stopped_logs_kept and stopped_logs_bytes.
void remove_old_logs(const std::filesystem::path& directory,
                     const std::function<bool(const std::string&)>& runs);

} // namespace pawl
