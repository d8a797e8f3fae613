// Loads what only `pawl deploy` needs.
#pragma once

#include "bin/packing/module.hpp"

namespace pawl::cli {

// The functions stay until the program ends. Fails with internal, whose message says how to mend
// it, if the module is not there or belongs to another release of pawl.
result<const packing::functions*> load_packing();

} // namespace pawl::cli
