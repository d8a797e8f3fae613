// Freezes: for how long nothing new may be released into a lane, and why.
//
// Operators freeze lanes for a time; a cluster's configuration freezes its lanes in windows of each
// week. A freeze keeps deploys and promotions from beginning. What is in flight goes on; a cancel
// and a rollback, which bring back what served before, are always allowed.
#pragma once

#include "lifecycle/error.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/time_zone.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pawl {

// The lanes that a freeze is for: of one app or all, in one cluster or all.
struct freeze_scope {
  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};

  friend bool operator==(const freeze_scope&, const freeze_scope&) = default;
};

bool covers(const freeze_scope& scope, const lane_key& lane);

// For people: "shop in production", "shop in all clusters", "all apps in all clusters".
std::string to_string(const freeze_scope& scope);

// The options of pawl that name the scope: " -a shop -C production"; empty for all.
std::string options_of(const freeze_scope& scope);

// One freeze on request. There is one at most for each scope.
struct freeze_record {
  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::string reason;
  std::string by;
  timestamp at = {};
  std::optional<timestamp> until = {}; // nothing: until it is lifted

  friend bool operator==(const freeze_record&, const freeze_record&) = default;
};

inline freeze_scope scope_of(const freeze_record& freeze) {
  return {freeze.app, freeze.cluster};
}

// Whether its time is over: it holds no lane any more, and nothing is lost with it.
constexpr bool is_over(const freeze_record& freeze, timestamp now) {
  return freeze.until && *freeze.until <= now;
}

// A part of each week, by the clocks of a place: from a moment after Monday 00:00 to another, which
// comes after it, or in the next week. The two are never the same.
struct freeze_window {
  std::string text; // as the configuration has it
  std::chrono::minutes from = {};
  std::chrono::minutes to = {};
  std::shared_ptr<const time_zone> zone; // never null

  friend bool operator==(const freeze_window&, const freeze_window&) = default;
};

// Why a lane is frozen.
struct lane_freeze {
  std::string reason;
  std::string by;
  timestamp since = {};
  std::optional<timestamp> until = {};
  // The freeze that has to be lifted; nothing for a window of the configuration.
  std::optional<freeze_scope> scope = {};

  friend bool operator==(const lane_freeze&, const lane_freeze&) = default;
};

// The freeze that lasts longest of those that hold for the lane at this time; nothing if none does.
// `windows` are those of the lane's cluster.
std::optional<lane_freeze> find_freeze(const lane_key& lane, timestamp now,
                                       std::span<const freeze_record> freezes,
                                       std::span<const freeze_window> windows);

// The refusal of a deploy or promotion: frozen, with who, why, until when, and what to do.
error refusal_of(const lane_key& lane, const lane_freeze& frozen);

} // namespace pawl
