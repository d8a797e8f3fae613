#include "bin/pawld/stored_variables.hpp"

#include "persistence/lane_configs.hpp"

#include <fmt/format.h>

namespace pawl {

void check_secrets(const store& records, const secret_vault& vault,
                   const std::function<void(std::string_view)>& log) {
  auto lanes = records.lanes({}, {});
  if (!lanes)
    return;
  for (const auto& lane : *lanes) {
    if (lane.configs == 0)
      continue;
    auto holds = current_configuration(records, lane);
    if (!holds || !*holds)
      continue;
    auto opened = vault.open(**holds);
    if (opened)
      continue;
    return log(fmt::format("warning: apps with secrets are not started, and serve on as far as "
                           "they run: {}",
                           opened.error().message));
  }
}

} // namespace pawl
