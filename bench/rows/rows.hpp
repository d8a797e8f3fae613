// The rows that pawl-bench knows, in the order in which `all` runs them.
#pragma once

#include "bench/harness/workplace.hpp"

#include <span>

namespace pawl::bench {

// One question that is measured, with its cases. Throws std::runtime_error if it cannot be.
struct row {
  const char* name;
  const char* question; // a line for people
  std::vector<case_report> (*run)(const workplace& place);
};

std::span<const row> all_rows();

// Each row is a file of its name, and a namespace.
namespace accept_row {
std::vector<case_report> run(const workplace& place);
}
namespace transitions_row {
std::vector<case_report> run(const workplace& place);
}
namespace lanes_row {
std::vector<case_report> run(const workplace& place);
}
namespace contention_row {
std::vector<case_report> run(const workplace& place);
}
namespace history_row {
std::vector<case_report> run(const workplace& place);
}
namespace fanout_row {
std::vector<case_report> run(const workplace& place);
}
namespace replay_row {
std::vector<case_report> run(const workplace& place);
}
namespace upload_row {
std::vector<case_report> run(const workplace& place);
}
namespace network_row {
std::vector<case_report> run(const workplace& place);
}
namespace flood_row {
std::vector<case_report> run(const workplace& place);
}
namespace switch_row {
std::vector<case_report> run(const workplace& place);
}
namespace recovery_row {
std::vector<case_report> run(const workplace& place);
}
namespace startup_row {
std::vector<case_report> run(const workplace& place);
}
namespace idle_row {
std::vector<case_report> run(const workplace& place);
}
namespace overload_row {
std::vector<case_report> run(const workplace& place);
}
namespace endurance_row {
std::vector<case_report> run(const workplace& place);
}

} // namespace pawl::bench
