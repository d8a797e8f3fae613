#include "config/hints.hpp"

#include "config/procfile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl::config {

namespace {

std::optional<std::string> unused_lines(const root_file& file) {
  auto unused = unused_of_procfile(file("Procfile").value_or(""));
  if (unused.empty())
    return std::nullopt;
  unused.resize(std::min<std::size_t>(unused.size(), 8));
  return fmt::format(
      "not used: line {} of the Procfile; a line that starts a process is NAME: COMMAND, "
      "and each name stands once",
      fmt::join(unused, ", "));
}

} // namespace

std::vector<std::string> hints_of(const root_file& file) {
  std::vector<std::string> all;
  if (auto text = unused_lines(file))
    all.push_back(std::move(*text));
  return all;
}

} // namespace pawl::config
