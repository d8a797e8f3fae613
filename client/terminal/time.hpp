// Times as people and programs write them.
#pragma once

#include "lifecycle/deployment.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pawl::client {

// RFC 3339 with any offset, a date (its first moment in UTC), or a duration before `now` ("90m",
// "2d"). Nothing if it is none of them.
std::optional<timestamp> parse_time(std::string_view text, timestamp now);

// The same, where a duration is one after `now`.
std::optional<timestamp> parse_end(std::string_view text, timestamp now);

// "just now", "5 min ago", "3 h ago", "12 d ago"; past 60 days the date.
std::string ago(timestamp at, timestamp now);

// "0.4 s", "12 s", "3 min 20 s", "2 h 5 min".
std::string elapsed(duration time);

timestamp wall_time();

} // namespace pawl::client
