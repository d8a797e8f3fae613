// A file without a name, for readers that want a descriptor.
#pragma once

#include "posix/descriptor.hpp"

#include <string_view>

namespace pawl::test {

// Throws std::system_error if the machine has no memory for it.
descriptor memory_file(std::string_view contents);

} // namespace pawl::test
