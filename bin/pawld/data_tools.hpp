// The commands of pawld that work on a data directory instead of serving it. Each prints its
// findings on stdout, and returns the exit status.
#pragma once

#include "bin/pawld/image_backup.hpp"
#include "lifecycle/result.hpp"

#include <filesystem>

namespace pawl {

// Reads all records of a directory that no server has open: 0 if they are sound, 12 with a line for
// each that breaks an invariant, 2 for what is no data directory or is in use.
int verify_data(const std::filesystem::path& data_dir);

struct backup_choice {
  image_choice images = {};
  bool with_secret_key = false; // of the secrets that are in the store, if there is one
  bool with_volumes = false;    // of clusters of processes, as they are while apps write
};

// Writes one file that restore_data() takes, while a server may be at work: the store as it is at
// one moment, all artifacts and sources, and what `what` asks for. invalid_argument if there is
// such a file.
result<void> back_up_data(const std::filesystem::path& data_dir, const std::filesystem::path& file,
                          const backup_choice& what);

// Makes a data directory of such a file, and verifies it. invalid_argument if the directory has
// anything in it, if the file is no backup, or if instances of an earlier directory of this path
// still run: the server would take them for its own.
result<void> restore_data(const std::filesystem::path& data_dir, const std::filesystem::path& file,
                          const image_choice& images);

// data_corruption for a directory in which a restore was cut off, or found damage.
result<void> check_restored_whole(const std::filesystem::path& data_dir);

} // namespace pawl
