// The errors of builds with a Docker daemon: which thing is wrong, and what to change.
#pragma once

#include "engines/docker/api_transfer.hpp"
#include "engines/docker/build_output.hpp"

namespace pawl {

// A build that the daemon refused before its first step.
error build_refused(const api_answer& answer, const manifest& settings);

// A build whose step failed.
error step_failed(const build_problem& problem, std::uint64_t memory_bytes);

// An image that its registry did not give.
error pull_failed(const std::string& image, const std::string& message);

// Whether it is a registry that did not answer, and not one that refused.
bool is_registry_outage(const error& why);

} // namespace pawl
