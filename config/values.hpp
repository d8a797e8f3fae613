// The small languages inside strings of the configuration: durations, sizes, addresses.
#pragma once

#include "lifecycle/manifest.hpp"
#include "lifecycle/nearest.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::config {

// "500ms", "2s", "30m", "1h", "7d": a whole number and a unit. Nothing if it is not one, or too
// large to count in milliseconds.
std::optional<duration> parse_duration(std::string_view text);

// "512M", "2G", "64K", "100": bytes, in powers of 1024. Nothing if it is not one.
std::optional<std::uint64_t> parse_size(std::string_view text);

// In the shortest of the forms that parse_duration takes.
std::string format_duration(duration value);

// In the shortest of the forms that parse_size takes.
std::string format_size(std::uint64_t bytes);

// The text as a string of TOML, in quotes.
std::string toml_string(std::string_view text);

// Whether the text is HOST:PORT with a port from 1 to 65535; an IPv6 host stands in brackets.
bool is_host_and_port(std::string_view text);

using pawl::nearest;

} // namespace pawl::config
