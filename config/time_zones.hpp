// Time zones of the system's database (tzdata).
#pragma once

#include "lifecycle/time_zone.hpp"

#include <optional>
#include <string>

namespace pawl::config {

// The clocks of the zone from 2000 to 2099, as libc knows them; nothing for a name that the
// database does not have. Sets the variable TZ for a moment: no other thread may work with the
// environment meanwhile.
std::optional<time_zone> read_time_zone(const std::string& name);

} // namespace pawl::config
