// The clocks of a place, as a value: how far they are ahead of UTC, and when that changes.
#pragma once

#include "lifecycle/timestamp.hpp"

#include <vector>

namespace pawl {

// A time as the clocks of a place show it.
using local_time = std::chrono::local_time<std::chrono::milliseconds>;

struct time_zone {
  struct change {
    timestamp at = {};
    std::chrono::seconds ahead = {}; // of UTC, from then on

    friend bool operator==(const change&, const change&) = default;
  };

  std::string name;                 // as in "Europe/Berlin"
  std::chrono::seconds ahead = {};  // of UTC, before the first change
  std::vector<change> changes = {}; // by time; at least two days apart

  friend bool operator==(const time_zone&, const time_zone&) = default;
};

// The time that the clocks show then.
local_time to_local(const time_zone& zone, timestamp at);

// When the clocks show this, the first and the last time: once a year they show an hour twice. For
// an hour that they leave out, the moment at which they are put forward.
timestamp first_instant(const time_zone& zone, local_time shown);
timestamp last_instant(const time_zone& zone, local_time shown);

} // namespace pawl
