// A copy of a store that may be in use.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

// Copies the store as it is at one moment into a directory that exists and is empty; a server may
// have it open, and goes on. not_found if there is no store; invalid_argument if a newer program
// wrote it; else as the store's functions.
result<void> copy_store(const std::filesystem::path& store, const std::filesystem::path& into);

} // namespace pawl
