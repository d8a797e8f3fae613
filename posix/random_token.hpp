// New tokens.
#pragma once

#include "lifecycle/secret.hpp"

namespace pawl {

// Another one each time, of the kernel's randomness. Waits for that only while the machine has just
// started. Any thread.
secret random_token();

} // namespace pawl
