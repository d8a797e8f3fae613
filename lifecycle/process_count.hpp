// How many instances the processes of an app have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pawl {

struct process_count {
  std::string process;
  std::uint32_t instances = 0;

  friend bool operator==(const process_count&, const process_count&) = default;
};

using process_counts = std::vector<process_count>; // each process once

} // namespace pawl
