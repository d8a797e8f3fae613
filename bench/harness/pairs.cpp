#include "bench/harness/pairs.hpp"

#include "bench/harness/machine.hpp"

#include <algorithm>

namespace pawl::bench {

namespace {

using clock = std::chrono::steady_clock;

void add(pairs_outcome& outcome, const contestant& one) {
  for (const auto& [name, value] : one.measure())
    outcome.samples[one.name][name].push_back(value);
}

std::vector<double> ratios_of(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i)
    if (theirs[i] != 0)
      ratios.push_back(ours[i] / theirs[i]);
  return ratios;
}

} // namespace

pairs_outcome run_pairs(const std::vector<contestant>& all, std::chrono::milliseconds budget,
                        std::size_t least, std::size_t most) {
  pairs_outcome outcome;
  const auto begin = clock::now();
  const auto before = processor_times::now();
  for (std::size_t round = 0; round < most; ++round) {
    const auto round_begin = clock::now();
    if (round % 2 == 0)
      std::for_each(all.begin(), all.end(), [&](const auto& one) { add(outcome, one); });
    else
      std::for_each(all.rbegin(), all.rend(), [&](const auto& one) { add(outcome, one); });
    const auto end = clock::now();
    if (round + 1 >= least && (end - begin) + (end - round_begin) > budget)
      break;
  }
  outcome.stolen = processor_times::now().stolen_since(before);
  return outcome;
}

compared compare(const pairs_outcome& outcome, const std::string& row, const std::string& name,
                 const std::string& unit) {
  compared result;
  auto& report = result.report;
  report.row = row;
  report.name = name;
  report.unit = unit;
  result.unsteady = outcome.stolen > unsteady_machine;
  for (const auto& [contestant, cases] : outcome.samples)
    if (const auto found = cases.find(name); found != cases.end())
      report.samples[contestant] = found->second;
  const auto& ours = report.samples[our_name];
  if (!ours.empty())
    report.ours = spread_of(ours).median;
  for (const auto& [peer, values] : report.samples) {
    if (peer == our_name)
      continue;
    report.peers[peer] = spread_of(values).median;
    report.ratios[peer] = spread_of(ratios_of(ours, values));
    result.unsteady = result.unsteady || unsteadiness(values) > unsteady_peer;
  }
  return result;
}

} // namespace pawl::bench
