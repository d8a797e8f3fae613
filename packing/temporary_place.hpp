// The folder for temporary files.
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl::packing {

// TMPDIR, or /tmp if it is not set or empty. invalid_argument if that is no directory.
result<std::filesystem::path> temporary_place();

} // namespace pawl::packing
