// A release command, run once in a container of its own.
#pragma once

#include "engines/docker/docker_host.hpp"
#include "engines/engine.hpp"

namespace pawl {

// As engine::run_release().
result<void> run_release_in_container(const docker_host& host, const instance_spec& spec,
                                      const line_sink& sink, const std::stop_token& stop);

} // namespace pawl
