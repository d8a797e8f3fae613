#include "bench/harness/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace pawl::bench {

namespace {

using nlohmann::ordered_json;

template <class Value>
ordered_json or_null(const std::optional<Value>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json object_of(const case_report& one) {
  ordered_json row;
  row["row"] = one.row;
  row["case"] = one.name;
  row["unit"] = one.unit;
  row["ours"] = or_null(one.ours);
  row["floor"] = or_null(one.floor);
  row["peers"] = ordered_json(one.peers);
  row["ratios"] = ordered_json::object();
  for (const auto& [peer, ratio] : one.ratios)
    row["ratios"][peer] = {{"median", ratio.median}, {"min", ratio.min}, {"max", ratio.max}};
  row["counts"] = ordered_json(one.counts);
  const auto target = target_of(one.promised);
  row["target"] = target.empty() ? ordered_json(nullptr) : ordered_json(target);
  row["verdict"] = to_string(one.outcome);
  row["notes"] = one.notes;
  row["samples"] = ordered_json(one.samples);
  return row;
}

std::string figures_line(const case_report& one) {
  std::string line = fmt::format("  {} {}", one.ours ? figure(*one.ours) : "-", one.unit);
  for (const auto& [peer, value] : one.peers) {
    line += fmt::format(" | {} {}", peer, figure(value));
    if (const auto ratio = one.ratios.find(peer); ratio != one.ratios.end())
      line += fmt::format(" (x{}, {} to {})", figure(ratio->second.median),
                          figure(ratio->second.min), figure(ratio->second.max));
  }
  if (one.floor)
    line += fmt::format(" | floor {}", figure(*one.floor));
  return line + "\n";
}

} // namespace

std::string figure(double value) {
  if (value == 0 || !std::isfinite(value))
    return fmt::format("{:g}", value);
  const auto whole_digits = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  constexpr int significant = 3;
  return fmt::format("{:.{}f}", value, std::clamp(significant - whole_digits, 0, 6));
}

void decide(case_report& one, bool unsteady) {
  if (unsteady)
    one.notes.emplace_back("a peer's own runs lie more than 25 % apart, or the machine was busy");
  for (const auto& promise : one.promised)
    if (!promise.holds())
      one.notes.push_back(fmt::format("{}: measured {}", promise.text, figure(promise.measured)));
  one.outcome = judge(one.promised, unsteady);
}

case_report failed_case(const std::string& row, const std::string& name, const std::string& why) {
  case_report one;
  one.row = row;
  one.name = name;
  one.notes.push_back(why);
  return one;
}

ordered_json document(const ordered_json& machine, const std::vector<case_report>& cases) {
  ordered_json whole;
  whole["machine"] = machine;
  whole["rows"] = ordered_json::array();
  for (const auto& one : cases)
    whole["rows"].push_back(object_of(one));
  return whole;
}

std::string text_of(const case_report& one) {
  auto text = fmt::format("{:<12} {:<12} {}\n", to_string(one.outcome), one.row, one.name);
  if (one.ours || !one.peers.empty())
    text += figures_line(one);
  std::string counts;
  for (const auto& [name, value] : one.counts)
    counts += fmt::format("{}{} {}", counts.empty() ? "  " : ", ", name, figure(value));
  if (!counts.empty())
    text += counts + "\n";
  if (const auto target = target_of(one.promised); !target.empty())
    text += fmt::format("  target: {}\n", target);
  for (const auto& note : one.notes)
    text += fmt::format("  note: {}\n", note);
  return text;
}

} // namespace pawl::bench
