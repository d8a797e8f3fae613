// When an instance counts as healthy: a pure counter that the activation worker feeds with probes'
// answers.
#pragma once

#include "lifecycle/manifest.hpp"

namespace pawl {

class health_policy {
public:
  explicit health_policy(std::uint32_t healthy_threshold) : threshold_(healthy_threshold) {}

  // One probe's answer. A failure starts the row again.
  constexpr void observe(bool ok) noexcept { in_a_row_ = ok ? in_a_row_ + 1 : 0; }

  constexpr bool healthy() const noexcept { return in_a_row_ >= threshold_; }

private:
  std::uint32_t threshold_;
  std::uint32_t in_a_row_ = 0;
};

} // namespace pawl
