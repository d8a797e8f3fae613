#include "engines/commands/shown.hpp"

#include <fmt/format.h>

namespace pawl {

std::string shown_bytes(std::uint64_t bytes) {
  if (bytes >= limits::gib && bytes % limits::gib == 0)
    return fmt::format("{} GiB", bytes / limits::gib);
  return fmt::format("{} MiB", bytes / limits::mib);
}

std::string shown_duration(duration time) {
  if (time.count() % 60'000 == 0)
    return fmt::format("{} min", time.count() / 60'000);
  return fmt::format("{} s", static_cast<double>(time.count()) / 1000);
}

std::string shown_command(const std::string& command) {
  return command.size() <= 200 ? command : command.substr(0, 200) + "…";
}

} // namespace pawl
