#include "lifecycle/login_throttle.hpp"

#include <algorithm>

namespace pawl {

void login_throttle::note_failure(std::string_view address, time_point now) {
  auto found = by_address_.find(address);
  if (found == by_address_.end()) {
    make_room(now);
    found = by_address_.emplace(address, failures{now}).first;
  }
  auto& known = found->second;
  if (now - known.first >= limits::failed_logins_time)
    known = {now};
  ++known.count;
}

std::optional<std::chrono::seconds> login_throttle::refuses(std::string_view address,
                                                            time_point now) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end() || found->second.count < limits::failed_logins)
    return std::nullopt;
  const auto left = found->second.first + limits::failed_logins_time - now;
  if (left <= left.zero())
    return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(left);
}

// Somebody with very many addresses may make one be forgotten, and could as well use another.
void login_throttle::make_room(time_point now) {
  if (by_address_.size() < limits::addresses_watched)
    return;
  std::erase_if(by_address_, [now](const auto& entry) {
    return now - entry.second.first >= limits::failed_logins_time;
  });
  if (by_address_.size() < limits::addresses_watched)
    return;
  by_address_.erase(std::min_element(
      by_address_.begin(), by_address_.end(),
      [](const auto& one, const auto& other) { return one.second.first < other.second.first; }));
}

} // namespace pawl
