#include "config/problem_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace pawl::config {

void problem_list::add(std::uint32_t line, std::string text) {
  problems_.push_back({line, std::move(text)});
}

void problem_list::add(std::string text) {
  problems_.push_back({std::numeric_limits<std::uint32_t>::max(), std::move(text)});
}

error problem_list::to_error() const {
  auto sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const problem& a, const problem& b) { return a.line < b.line; });
  std::string message;
  for (const auto& each : sorted) {
    if (!message.empty())
      message += '\n';
    if (each.line != std::numeric_limits<std::uint32_t>::max())
      message += fmt::format("line {}: ", each.line);
    message += each.text;
  }
  return {errc::invalid_argument, std::move(message), {}};
}

} // namespace pawl::config
