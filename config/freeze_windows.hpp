// The windows of a week in which a cluster is frozen, as pawld.toml has them.
#pragma once

#include "lifecycle/freeze.hpp"

#include <string_view>

namespace pawl::config {

// "Fri 16:00 - Mon 08:00 Europe/Berlin". invalid_argument, with a message that goes on behind the
// key's name, for a text that is none, a day or time zone that is not known, and an empty window.
//
// The clocks of the zone are read once, from the system's time zone database; rules that it gets
// later hold from the next reading. Not beside another thread that works with the environment:
// libc knows one time zone at a time, that of the variable TZ, which is set for a moment.
result<freeze_window> parse_freeze_window(std::string_view text);

} // namespace pawl::config
