// Copies a store that may be in use.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

// Copies one snapshot of the store into a directory that exists and is empty; a server may have the
// store open, and is not affected. not_found if there is no store; invalid_argument if a newer
// program wrote it; otherwise the errors of store.hpp.
result<void> copy_store(const std::filesystem::path& store, const std::filesystem::path& into);

} // namespace pawl
