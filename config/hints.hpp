// Hints for an app before it is sent: worth telling, though no mistakes.
#pragma once

#include "lifecycle/manifest.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::config {

// The text of a file in the app's root; nothing if there is none.
using root_file = std::function<std::optional<std::string>(std::string_view name)>;

// A sentence or two each: processes of the Procfile that are not started, and a source that is to
// run as it is though a file in it names packages to install or code to compile.
std::vector<std::string> hints_of(const manifest& app, const root_file& file);

} // namespace pawl::config
