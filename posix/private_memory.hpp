// The memory of a program that holds secrets.
#pragma once

namespace pawl {

// From here on this process leaves no core, and no other process of the same user reads its memory,
// its environment or its descriptors. Programs that it starts leave no core either. For main() to
// call, before there is a secret.
void keep_memory_private();

} // namespace pawl
