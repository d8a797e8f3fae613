// How often which latency was seen, in the manner of HdrHistogram: counted in buckets whose width
// is a fixed share of their value, so that it takes the same little memory for any number of values
// and the percentiles are within that share.
#pragma once

#include <cstdint>
#include <vector>

namespace pawl::bench {

class histogram {
public:
  // Values up to this are told apart; greater ones count as it. In nanoseconds: a minute.
  static constexpr std::uint64_t greatest = 60'000'000'000;

  histogram();

  void add(std::uint64_t value);
  void add(const histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  // The least value that so large a share (0 to 1) of all is not above; within a 64th of it, and
  // never above the greatest value that was added. 0 when nothing was.
  std::uint64_t at(double share) const;

private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

} // namespace pawl::bench
