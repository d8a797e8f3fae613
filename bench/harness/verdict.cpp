#include "bench/harness/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::bench {

std::string_view to_string(verdict outcome) {
  switch (outcome) {
  case verdict::met:
    return "met";
  case verdict::missed:
    return "missed";
  case verdict::inconclusive:
    break;
  }
  return "inconclusive";
}

criterion at_most(double limit, std::string_view what, double measured, measure kind) {
  return {fmt::format("at most {:g} {}", limit, what), measured, limit, false, kind};
}

criterion at_least(double limit, std::string_view what, double measured, measure kind) {
  return {fmt::format("at least {:g} {}", limit, what), measured, limit, true, kind};
}

bool counts_hold(const std::vector<criterion>& promised) {
  return std::all_of(promised.begin(), promised.end(),
                     [](const criterion& one) { return one.kind == measure::time || one.holds(); });
}

verdict judge(const std::vector<criterion>& promised, bool unsteady) {
  if (!counts_hold(promised))
    return verdict::missed;
  const auto times = std::count_if(promised.begin(), promised.end(),
                                   [](const auto& one) { return one.kind == measure::time; });
  if (promised.empty() || (times > 0 && unsteady))
    return verdict::inconclusive;
  const auto all = std::all_of(promised.begin(), promised.end(),
                               [](const criterion& one) { return one.holds(); });
  return all ? verdict::met : verdict::missed;
}

std::string target_of(const std::vector<criterion>& promised) {
  std::string text;
  for (const auto& one : promised)
    text += (text.empty() ? "" : "; ") + one.text;
  return text;
}

} // namespace pawl::bench
