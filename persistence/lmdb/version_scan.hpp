// Reads all versions of a store that no server uses, as a copy of one is.
#pragma once

#include "lifecycle/lane.hpp"
#include "lifecycle/result.hpp"

#include <filesystem>
#include <functional>

namespace pawl {

// Calls `tell` for each version, by app and number. A record that does not verify is left out:
// verify_store() tells of it. Errors as of store.hpp.
result<void> each_version(const std::filesystem::path& store,
                          const std::function<void(const version_record&)>& tell);

} // namespace pawl
