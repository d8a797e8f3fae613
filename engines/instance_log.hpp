// What an instance printed: a file that it appends to, also while no server runs.
#pragma once

#include "engines/engine.hpp"

namespace pawl {

// The last lines, oldest first, each at most limits::log_line_bytes; none if there is no file.
// Reads at most the last lines × log_line_bytes bytes, and 16 MiB.
std::vector<std::string> last_lines(const std::filesystem::path& log, std::size_t lines);

// Gives the beginning of a log that takes more than 64 MiB back to the disk; its last 32 MiB stay,
// at their place.
void bound_log(const std::filesystem::path& log);

// Keeps a stopped instance's log under its name in `kept`, and of all that are there the newest
// 200, each with its last MiB.
void keep_log(const std::filesystem::path& log, const std::filesystem::path& kept);

} // namespace pawl
