// The results of a run: a document for programs, a table for people.
#pragma once

#include "bench/harness/spread.hpp"
#include "bench/harness/verdict.hpp"

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pawl::bench {

// One case of a row. Peers and floor are in the same unit as ours; a ratio is ours divided by the
// peer's, measured in the same pair.
struct case_report {
  std::string row;
  std::string name;
  std::string unit;
  std::optional<double> ours = {}; // the median of its samples
  std::optional<double> floor = {};
  std::map<std::string, double> peers = {}; // medians
  std::map<std::string, spread> ratios = {};
  std::map<std::string, double> counts = {};
  std::vector<criterion> promised = {};
  verdict outcome = verdict::inconclusive;
  std::vector<std::string> notes = {}; // a peer that is missing; why a target was missed
  std::map<std::string, std::vector<double>> samples = {}; // by contestant, pair by pair
};

// Gives the case its verdict.
void decide(case_report& one, bool unsteady);

// A case that could not be measured, and why.
case_report failed_case(const std::string& row, const std::string& name, const std::string& why);

// {machine, rows}, as docs/performance.md is made from.
nlohmann::ordered_json document(const nlohmann::ordered_json& machine,
                                const std::vector<case_report>& cases);

// Some lines for each case: its verdict, its figures, its counts.
std::string text_of(const case_report& one);

// A figure with as many digits as it is good for: 0.0123, 1.23, 12.3, 12345.
std::string figure(double value);

} // namespace pawl::bench
