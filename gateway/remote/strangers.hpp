// Clients of the network of which nothing is known yet: how many of one address there may be, and
// what the log says of those that never came further. Pure: the caller says what time it is.
#pragma once

#include "lifecycle/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace pawl::gateway {

// Connections that have not authenticated, in the order in which they came. `Who` finds one again.
template <class Who>
class strangers_in_order {
public:
  using place = std::uint64_t; // of a connection; none is given twice

  // Whether limits::strangers_per_address of the address (counted_address()) are there.
  bool are_crowd(const std::string& address) const {
    const auto found = by_address_.find(address);
    return found != by_address_.end() && found->second >= limits::strangers_per_address;
  }

  // One more, of an address that has no crowd.
  place add(const std::string& address, Who who) {
    ++by_address_[address];
    in_order_.emplace(++latest_, stranger{address, std::move(who)});
    return latest_;
  }

  // It is found otherwise from now on.
  void rename(place which, Who who) { in_order_.at(which).who = std::move(who); }

  // It has authenticated, or is gone. Nothing happens if it has left already.
  void leave(place which) {
    const auto found = in_order_.find(which);
    if (found == in_order_.end())
      return;
    const auto count = by_address_.find(found->second.address);
    if (--count->second == 0)
      by_address_.erase(count);
    in_order_.erase(found);
  }

  // The one that has waited longest; null without any.
  const Who* first() const { return in_order_.empty() ? nullptr : &in_order_.begin()->second.who; }

private:
  struct stranger {
    std::string address;
    Who who;
  };

  std::map<place, stranger> in_order_;
  std::map<std::string, std::size_t> by_address_;
  place latest_ = 0;
};

// How a connection ended before it had authenticated.
enum class stranger_end : std::uint8_t {
  handshake, // TLS did not come about
  silence,   // no whole request came in time
  no_login,  // it came to nothing: no greeting, another version
  refused,   // its credential is none of ours
  throttled, // its address had too many of those
  crowd,     // too many of its address
  displaced, // it had waited longest when there was no room for another
  full,      // too many that have authenticated
};

// At most a line in limits::strangers_report, however many there are.
class stranger_report {
public:
  using time_point = std::chrono::steady_clock::time_point;

  void note(stranger_end how, const std::string& address, std::string detail = {});
  bool empty() const noexcept { return count_.empty(); }

  // The sentence about those since the last one, if it is time for one.
  std::optional<std::string> take(time_point now);

private:
  std::map<stranger_end, std::size_t> count_;
  std::string latest_; // the address, and the detail
  std::optional<time_point> told_;
};

} // namespace pawl::gateway
