#include "bench/harness/workplace.hpp"

#include <fmt/format.h>

namespace pawl::bench {

std::filesystem::path workplace::fresh(const std::string& name) const {
  auto path = directory / name;
  for (unsigned i = 2; std::filesystem::exists(path); ++i)
    path = directory / fmt::format("{}-{}", name, i);
  std::filesystem::create_directories(path);
  return path;
}

std::chrono::milliseconds workplace::budget() const {
  constexpr auto whole_row = std::chrono::seconds{45}; // of 60, with what comes before and after
  constexpr auto quick_row = std::chrono::seconds{6};  // of 10
  return quick ? quick_row : whole_row;
}

} // namespace pawl::bench
