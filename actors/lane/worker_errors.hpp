// The errors of a deployment whose worker ended without an answer.
#pragma once

#include "lifecycle/error.hpp"

#include <caf/error.hpp>

#include <cstdint>

namespace pawl {

// One death; if there was no thread for the worker, the refusal of the thread.
error worker_died(const caf::error& why);

// `count` deaths in a row.
error workers_died(std::uint32_t count, const caf::error& why);

} // namespace pawl
