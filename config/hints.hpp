// Hints for an app before it is sent: worth telling, though no mistakes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::config {

// The text of a file in the app's root; nothing if there is none.
using root_file = std::function<std::optional<std::string>(std::string_view name)>;

// A sentence or two each: processes of the Procfile that are not started.
std::vector<std::string> hints_of(const root_file& file);

} // namespace pawl::config
