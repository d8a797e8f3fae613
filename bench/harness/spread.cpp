#include "bench/harness/spread.hpp"

#include <algorithm>
#include <cmath>

namespace pawl::bench {

double quantile(std::vector<double> values, double share) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  const auto place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], place - std::floor(place));
}

spread spread_of(const std::vector<double>& values) {
  if (values.empty())
    return {};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {quantile(values, 0.5), *least, *most};
}

double unsteadiness(const std::vector<double>& values) {
  const auto median = quantile(values, 0.5);
  if (values.size() < 2 || median == 0)
    return 0;
  return (quantile(values, 0.75) - quantile(values, 0.25)) / std::abs(median);
}

} // namespace pawl::bench
