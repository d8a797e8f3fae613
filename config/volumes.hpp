// The tables [volume.NAME] of a pawl.toml.
#pragma once

#include "config/table_reader.hpp"

namespace pawl::config {

// `root` reads the file's own keys. Problems: a name or a path that cannot be a volume's, two at
// one place, more than limits::volumes_per_app.
void read_volumes(table_reader& root, std::map<std::string, volume_settings>& volumes,
                  problem_list& problems);

} // namespace pawl::config
