#include "bench/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace pawl::bench {

namespace {

// Each power of two is divided into this many buckets; below it, every value has one of its own.
constexpr std::uint64_t parts = 64;
constexpr int parts_bits = std::countr_zero(parts);

std::size_t bucket_of(std::uint64_t value) {
  if (value < parts)
    return value;
  const int shift = static_cast<int>(std::bit_width(value)) - 1 - parts_bits;
  return (static_cast<std::size_t>(shift) + 1) * parts + ((value >> shift) - parts);
}

std::uint64_t highest_in(std::size_t bucket) {
  if (bucket < parts)
    return bucket;
  const auto shift = bucket / parts - 1;
  return ((bucket % parts + parts + 1) << shift) - 1;
}

} // namespace

histogram::histogram() : buckets_(bucket_of(greatest) + 1) {}

void histogram::add(std::uint64_t value) {
  const auto kept = std::min(value, greatest);
  ++buckets_[bucket_of(kept)];
  ++count_;
  max_ = std::max(max_, kept);
}

void histogram::add(const histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::uint64_t histogram::at(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1))
      return std::min(highest_in(i), max_);
  }
  return max_;
}

} // namespace pawl::bench
