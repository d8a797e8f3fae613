// Of what instances print.
#pragma once

#include "lifecycle/limits.hpp"

namespace pawl::limits {

inline constexpr std::size_t instance_name_bytes = 64;   // a deployment's id and a number
inline constexpr std::size_t log_lines_default = 100;    // of each instance: pawl logs without -n
inline constexpr std::size_t log_lines_max = 10'000;     // of each instance
inline constexpr std::size_t log_page_bytes = 128 * kib; // one read for a viewer
inline constexpr std::size_t log_page_lines = 512;
inline constexpr std::size_t log_places = 256; // logs that one request goes on reading

static_assert(log_page_bytes <= journal_page_bytes && log_line_bytes < log_page_bytes);
static_assert(log_page_lines <= event_credit);
static_assert(2 * instances_per_lane <= log_places);

} // namespace pawl::limits
