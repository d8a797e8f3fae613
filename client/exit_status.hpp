// The exit status of the CLI: from the record of the deployment, else from the error.
#pragma once

#include "lifecycle/deployment.hpp"

#include <optional>

namespace pawl::client {

inline constexpr int exit_other = 1; // what no code describes
inline constexpr int exit_interrupted = 130;

// What a settled deployment that never became active failed with: its own error, or one that says
// what its state means. Nothing for one that is or was active, and for one that has not settled.
std::optional<error> outcome_error(const deployment& record);

// 0 where there is no error, else its code's.
int exit_status(const std::optional<error>& problem);

} // namespace pawl::client
