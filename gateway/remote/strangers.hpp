// Clients of the network of which nothing is known yet: how many of one address there may be, and
// what the log says of those that never came further. Pure: the caller says what time it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace pawl::gateway {

// Connections that have not authenticated, by address (counted_address()).
class stranger_count {
public:
  // False if limits::strangers_per_address of the address are there; else there is one more.
  bool admit(const std::string& address);
  // One of them has authenticated, or is gone.
  void leave(const std::string& address);

private:
  std::map<std::string, std::size_t> by_address_;
};

// How a connection ended before it had authenticated.
enum class stranger_end : std::uint8_t {
  handshake, // TLS did not come about
  silence,   // no whole request came in time
  no_login,  // it came to nothing: no greeting, another version
  refused,   // its credential is none of ours
  throttled, // its address had too many of those
  crowd,     // too many of its address
  full,      // too many of all
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
