// Measuring against each other: A B, then B A, and so on, so that a machine that gets slower or
// faster meanwhile does it to both.
#pragma once

#include "bench/harness/report.hpp"

#include <chrono>
#include <functional>

namespace pawl::bench {

// The figures of one run of a contestant, by the names of the cases.
using figures = std::map<std::string, double>;

struct contestant {
  std::string name;
  std::function<figures()> measure; // with fresh data, which is gone afterwards
};

inline constexpr auto our_name = "pawl";
inline constexpr std::size_t pairs_wanted = 7;
inline constexpr double unsteady_peer = 0.25;    // of a peer's own runs
inline constexpr double unsteady_machine = 0.02; // of the processors' time was another machine's

struct pairs_outcome {
  std::map<std::string, std::map<std::string, std::vector<double>>> samples; // contestant, case
  double stolen = 0; // share of the processors' time that the host gave to others
};

// Runs each once in every round, as long as a further round like the last fits in the budget, but
// at least `least` times and at most `most` times. Ours is called our_name.
pairs_outcome run_pairs(const std::vector<contestant>& all, std::chrono::milliseconds budget,
                        std::size_t least = 3, std::size_t most = pairs_wanted);

// A case with its samples, medians and ratios; `unsteady` says whether its times decide anything.
struct compared {
  case_report report;
  bool unsteady = false;
};
compared compare(const pairs_outcome& outcome, const std::string& row, const std::string& name,
                 const std::string& unit);

} // namespace pawl::bench
