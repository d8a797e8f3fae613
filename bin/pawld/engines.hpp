// The engines of a server: one of each kind that its clusters name.
#pragma once

#include "config/server_config.hpp"
#include "engines/engine.hpp"
#include "engines/variable_source.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace pawl {

using engines_by_kind = std::map<std::string, std::shared_ptr<engine>>;

// `variables` tell which secrets are not to be in the logs of containers.
engines_by_kind make_engines(const config::server_config& settings,
                             const std::shared_ptr<const variable_source>& variables);

// Whether they can work here; `log` gets a line for each warning. A Docker daemon that does not
// answer is a warning: it may come, and meanwhile the other clusters are served.
result<void> check_engines(const engines_by_kind& engines,
                           const std::function<void(std::string_view)>& log);

} // namespace pawl
