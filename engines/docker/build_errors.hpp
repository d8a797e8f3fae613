// The errors of builds with a Docker daemon: which thing is wrong, and what to change.
#pragma once

#include "engines/docker/api_transfer.hpp"
#include "engines/docker/build_output.hpp"

namespace pawl {

// A build that the daemon refused before its first step.
error build_refused(const api_answer& answer, const manifest& settings);

// A build whose step failed.
error step_failed(const build_problem& problem, std::uint64_t memory_bytes);

} // namespace pawl
