// How often somebody at one address may fail to log in. Pure: the caller says what time it is.
#pragma once

#include "lifecycle/limits.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

class login_throttle {
public:
  using time_point = std::chrono::steady_clock::time_point;

  // A bad credential came from there.
  void note_failure(std::string_view address, time_point now);

  // Whether logins from there are refused unseen, and for how long still, rounded up: from the
  // failure number limits::failed_logins on, until limits::failed_logins_time after the first.
  std::optional<std::chrono::seconds> refuses(std::string_view address, time_point now) const;

private:
  struct failures {
    time_point first;
    std::size_t count = 0;
  };

  void make_room(time_point now);

  std::map<std::string, failures, std::less<>> by_address_; // limits::addresses_watched at most
};

} // namespace pawl
