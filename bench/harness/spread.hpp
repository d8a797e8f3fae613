// How a figure that was measured several times is summed up.
#pragma once

#include <vector>

namespace pawl::bench {

struct spread {
  double median = 0;
  double min = 0;
  double max = 0;

  friend bool operator==(const spread&, const spread&) = default;
};

// All three are 0 without a value.
spread spread_of(const std::vector<double>& values);

// The value below which this share (0 to 1) of them lies, between two of them interpolated; 0
// without a value.
double quantile(std::vector<double> values, double share);

// The distance between the quartiles as a share of the median: how far apart ordinary runs lie, one
// outlier left alone. 0 for fewer than two values.
double unsteadiness(const std::vector<double>& values);

} // namespace pawl::bench
