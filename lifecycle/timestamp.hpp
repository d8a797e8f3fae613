// When something happened.
#pragma once

#include <chrono>

namespace pawl {

// Wall time, for display and for the order of records; never for a timeout.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

} // namespace pawl
