// The settings of a pawl.toml that say how containers are built and run.
#pragma once

#include "config/table_reader.hpp"
#include "lifecycle/manifest.hpp"

namespace pawl::config {

// image, dockerfile, target and args of the table `build`. Problems: an image beside a setting that
// says how one is built; a Dockerfile outside of the source; names that Docker does not take; more
// than limits::build_args arguments.
void read_image_build(table_reader& reader, build_settings& build, problem_list& problems);

// user and read_only of the table `run`.
void read_confinement(table_reader& reader, run_settings& run);

// Whether the settings say that containers are run.
bool names_containers(const manifest& app);

} // namespace pawl::config
