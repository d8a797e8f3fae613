// Finds in the source of an app what its manifest leaves open.
#pragma once

#include "actors/workers/source_worker.hpp"

namespace pawl {

// Looks into the source (detection/detection.hpp), and for the programs that the commands it finds
// call: where the sandboxes have them. A cluster whose engine builds images finds programs in them.
settings_finder settings_finder_of_machine();

} // namespace pawl
