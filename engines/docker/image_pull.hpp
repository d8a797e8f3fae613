// Gets an image that a manifest names.
#pragma once

#include "engines/docker/container_plan.hpp"

namespace pawl {

// The image that the name means now. It is asked for at its registry, unless the daemon has it by
// that very digest, or has made or loaded it itself. While the registry cannot be reached, the one
// that the daemon has serves, and a line of the output says so. build_failed, with what the
// registry said; timed_out after the limit; otherwise as api_client::call().
result<image_facts> pull_image(const docker_host& host, const std::string& name,
                               const line_sink& sink, std::chrono::milliseconds limit,
                               const std::stop_token& stop);

} // namespace pawl
