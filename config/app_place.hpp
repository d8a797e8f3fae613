// The settings of a pawl.toml that say where: in which folder of the source the app is, and to
// which cluster it goes.
#pragma once

#include "config/table_reader.hpp"
#include "lifecycle/manifest.hpp"

namespace pawl::config {

// root of the table `build`. A problem: a path that leads out of the source.
void read_root(table_reader& reader, build_settings& build);

// cluster, at the top. A problem: a name that no cluster can have.
void read_cluster(table_reader& reader, manifest& app);

} // namespace pawl::config
