// Limits and commands as messages say them.
#pragma once

#include "lifecycle/manifest.hpp"

#include <cstdint>
#include <string>

namespace pawl {

// "512 MiB", "2 GiB".
std::string shown_bytes(std::uint64_t bytes);

// "10 min", "2.5 s".
std::string shown_duration(duration time);

// The command; of a long one its beginning.
std::string shown_command(const std::string& command);

} // namespace pawl
