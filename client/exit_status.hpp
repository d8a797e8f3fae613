// The exit status of the CLI: from the record of the deployment, else from the error.
#pragma once

#include "lifecycle/deployment.hpp"

#include <optional>

namespace pawl::client {

inline constexpr int exit_other = 1; // what no code describes
inline constexpr int exit_interrupted = 130;

// The error of a settled deployment that never became active: its own, or one that explains its
// state. Nothing for a deployment that is or was active, or that has not settled.
std::optional<error> outcome_error(const deployment& record);

// 0 without an error, else the exit status of its code.
int exit_status(const std::optional<error>& problem);

} // namespace pawl::client
