// Warm instances: those of a version that was replaced, which stay started and get no requests for
// a time, so that going back to it is one check and one switch. Pure: who stays, for how long, and
// whether the server goes back by itself.
#pragma once

#include "lifecycle/deployment.hpp"
#include "lifecycle/lane.hpp"

#include <algorithm>

namespace pawl {

// How fast a version can be live again.
enum class readiness : std::uint8_t {
  warm, // its instances run: one check and one switch
  cold, // its artifact is there: instances have to start
  gone, // its artifact is not there: it cannot be released again
};

constexpr std::string_view to_string(readiness how) noexcept {
  constexpr std::array<std::string_view, 3> names{"warm", "cold", "gone"};
  return names[static_cast<std::size_t>(how)];
}

constexpr std::optional<readiness> parse_readiness(std::string_view name) noexcept {
  for (auto how : {readiness::warm, readiness::cold, readiness::gone})
    if (to_string(how) == name)
      return how;
  return std::nullopt;
}

// When the instances of a replaced deployment end at the latest: after their drain and their warm
// time, by the stored time of its replacement.
inline timestamp warm_until(const deployment& replaced, duration drain, duration warm) {
  return replaced.transitions.back().at + drain + warm;
}

// The time that they have left as warm ones when their drain has passed: a restart of the server
// does not begin it anew. At most the whole time, wherever the clock was set meanwhile.
inline duration warm_left(const deployment& replaced, duration drain, duration warm,
                          timestamp now) {
  auto left = std::chrono::duration_cast<duration>(warm_until(replaced, drain, warm) - now);
  return std::clamp(left, duration::zero(), warm);
}

// The warm instances of one replaced deployment.
struct warm_claim {
  lane_key lane;
  version_number version;
  std::uint64_t bytes = 0; // the sum of their memory limits
  timestamp until = {};
};

// The warm instances of one cluster, within its warm_memory.
class warm_ledger {
public:
  // Adds a claim under a number that is larger than those before. Gives the numbers that have to be
  // given up, the oldest first, until the rest fits; the new one alone if it could never fit. They
  // are not in the ledger any more.
  std::vector<std::uint64_t> add(std::uint64_t number, warm_claim claim, std::uint64_t limit) {
    if (claim.bytes > limit)
      return {number};
    claims_.emplace(number, std::move(claim));
    std::vector<std::uint64_t> too_old;
    while (bytes() > limit)
      too_old.push_back(claims_.extract(claims_.begin()).key());
    return too_old;
  }

  void remove(std::uint64_t number) { claims_.erase(number); }

  // All of them, which are not in the ledger any more: somebody else needs the memory.
  std::vector<std::uint64_t> clear() {
    std::vector<std::uint64_t> all;
    for (const auto& [number, claim] : claims_)
      all.push_back(number);
    claims_.clear();
    return all;
  }

  // By age, the oldest first.
  const std::map<std::uint64_t, warm_claim>& claims() const { return claims_; }

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [number, claim] : claims_)
      sum += claim.bytes;
    return sum;
  }

private:
  std::map<std::uint64_t, warm_claim> claims_;
};

// The old version as it is found when the new one has turned unhealthy in its watch_period.
enum class old_version : std::uint8_t {
  cannot_be_checked, // no instance of it runs
  healthy,           // its warm instances pass the check that the new ones fail
  unhealthy,         // they fail it too: the fault is outside of both versions
};

enum class watch_verdict : std::uint8_t { stay, go_back, hold };

// Goes back only from a version that is bad, and not to one that is known to be as bad. `held` says
// that it was known before: if nothing can be checked any more, it stays.
constexpr watch_verdict judge_both(bool new_is_bad, old_version old, bool held) noexcept {
  if (!new_is_bad)
    return watch_verdict::stay;
  switch (old) {
  case old_version::healthy:
    return watch_verdict::go_back;
  case old_version::unhealthy:
    return watch_verdict::hold;
  case old_version::cannot_be_checked:
    return held ? watch_verdict::stay : watch_verdict::go_back;
  }
  return watch_verdict::stay;
}

} // namespace pawl
