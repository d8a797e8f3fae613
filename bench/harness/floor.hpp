// The floor that the machine sets: the least time that any program needs for a flush, a round trip,
// a digest.
#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace pawl::bench {

struct floors {
  double flush_p50_us = 0; // 4 KiB appended to a file, and fdatasync
  double flush_p99_us = 0;
  double round_trip_us = 0; // one byte there and back over a unix socket, between two threads
  double sha256_mb_s = 0;
  double spins_us = 0; // additions in a loop, for one processor: falls when others work

  nlohmann::ordered_json json() const;
};

// Takes about four times as long as is given for each; writes into `place`.
floors probe_floors(const std::filesystem::path& place, std::chrono::milliseconds each);

} // namespace pawl::bench
