// Points in time, and their text.
#pragma once

#include <chrono>
#include <string>

namespace pawl {

// Wall time, for display and for the order of records; never for a timeout.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// RFC 3339 in UTC with milliseconds: 2026-01-02T03:04:05.678Z.
std::string format_time(timestamp at);

} // namespace pawl
