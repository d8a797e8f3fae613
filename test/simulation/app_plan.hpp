// An app of the simulation: how it builds, and how it behaves when it runs. It follows from the
// source's digest, as it does in the world: the same source behaves the same.
#pragma once

#include "test/simulation/dice.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace pawl::test {

enum class app_health { good, never, exits };

struct app_plan {
  std::uint32_t instances = 1;
  duration build_time = {};
  bool builds = true;
  bool has_manifest = true;
  bool has_release = false;
  bool releases = true;
  duration release_time = {};
  app_health health = app_health::good;
  duration healthy_after = {}; // its start
  duration unwell_after = {};  // its start; 0: it stays well
  bool exits_when_unwell = false;
  std::uint32_t workers = 0;
  bool worker_exits = false; // before it has settled
  bool replaces = false;     // two of the app must not run at once
};

inline app_plan plan_of_seed(std::uint64_t seed) {
  using namespace std::chrono_literals;
  dice random{seed};
  app_plan plan;
  plan.instances = random.chance(0.4) ? 2 : 1;
  plan.build_time = random.between(0ms, 20s);
  plan.builds = !random.chance(0.1);
  plan.has_manifest = !random.chance(0.05);
  plan.has_release = random.chance(0.3);
  plan.releases = !random.chance(0.15);
  plan.release_time = random.between(0ms, 5s);
  if (random.chance(0.1))
    plan.health = random.chance(0.5) ? app_health::never : app_health::exits;
  plan.healthy_after = random.between(0ms, 3s);
  if (random.chance(0.2))
    plan.unwell_after = random.between(4s, 40s);
  plan.exits_when_unwell = random.chance(0.5);
  if (random.chance(0.2))
    plan.workers = random.chance(0.5) ? 2 : 1;
  plan.worker_exits = plan.workers > 0 && random.chance(0.1);
  plan.replaces = random.chance(0.1);
  return plan;
}

// "sha256:…" whose last digits are the plan's seed; `kind` is one hexadecimal digit that tells a
// source from an artifact.
inline std::string digest_of(std::uint64_t seed, char kind) {
  return "sha256:" + std::string(48, kind) + fmt::format("{:016x}", seed);
}

inline std::uint64_t seed_of(std::string_view digest) {
  std::uint64_t seed = 0;
  auto digits = digest.substr(digest.size() - 16);
  std::from_chars(digits.data(), digits.data() + digits.size(), seed, 16);
  return seed;
}

inline app_plan plan_of(std::string_view digest) {
  return plan_of_seed(seed_of(digest));
}

} // namespace pawl::test
