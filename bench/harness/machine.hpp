// The machine that the figures are of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace pawl::bench {

// The processors' times since the start of the machine, from /proc/stat, in its ticks.
struct processor_times {
  std::uint64_t all = 0;
  std::uint64_t stolen = 0; // by the host, for other machines

  static processor_times now();
  double stolen_since(const processor_times& before) const; // a share, 0 to 1
};

// Processors, memory, kernel, the file system of `place`, programs' versions, the load when it
// began.
nlohmann::ordered_json machine_facts(const std::filesystem::path& place);

} // namespace pawl::bench
