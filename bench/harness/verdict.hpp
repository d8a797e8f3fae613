// The target of a case, and whether it was met.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::bench {

enum class verdict : std::uint8_t { met, missed, inconclusive };

std::string_view to_string(verdict outcome);

// A count does not move with the machine's noise; a time does, and so do ratios of times.
enum class measure : std::uint8_t { count, time };

// One promise, with what was measured.
struct criterion {
  std::string text; // "at most 0.1 flushes a transition"
  double measured = 0;
  double limit = 0;
  bool at_least = false; // else at most
  measure kind = measure::time;

  bool holds() const { return at_least ? measured >= limit : measured <= limit; }
};

criterion at_most(double limit, std::string_view what, double measured, measure kind);
criterion at_least(double limit, std::string_view what, double measured, measure kind);

// A count that does not hold is missed, whatever the noise. Times of an unsteady machine or peer
// decide nothing; nor does a case that promised nothing.
verdict judge(const std::vector<criterion>& promised, bool unsteady);

// Whether every count holds.
bool counts_hold(const std::vector<criterion>& promised);

// All of them in one line; empty without any.
std::string target_of(const std::vector<criterion>& promised);

} // namespace pawl::bench
