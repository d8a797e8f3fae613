// All chance of one life, from its seed. The same on every machine: no distribution of the standard
// library, whose numbers are each library's own.
#pragma once

#include "lifecycle/manifest.hpp"

#include <vector>

namespace pawl::test {

class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) {}

  // splitmix64.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    auto z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  // From 0 to n - 1; n is not 0.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

  bool chance(double probability) {
    return static_cast<double>(next() >> 11U) * 0x1p-53 < probability;
  }

  duration between(duration least, duration most) {
    auto span = static_cast<std::size_t>((most - least).count()) + 1;
    return least + duration{static_cast<duration::rep>(below(span))};
  }

  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

private:
  std::uint64_t state_;
};

} // namespace pawl::test
