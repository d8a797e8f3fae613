// The images of a Docker Engine in a backup. Each version of a cluster of containers is an image of
// the daemon's, and not a file of the data directory; so a backup has
//
//   images/APP/sha256-HEX.tar   each that is still there, as `docker save` writes it
//   pawl-images                 a line for each of those: "APP DIGEST"
#pragma once

#include "lifecycle/result.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace pawl {

// Where images are kept, and whether a backup or a restore does without them.
struct image_choice {
  std::optional<std::filesystem::path> socket = {}; // of the daemon; nothing: no cluster names one
  bool without = false;
};

using image_set = std::set<std::pair<std::string, std::string>>; // app, digest

// The images that versions of this store are. Of a store that no server uses.
result<image_set> images_in(const std::filesystem::path& store);

// Appends the images that the copied store names to the archive, one after another; `work` has room
// for the largest. Prints on stdout what is in it and what is not. unavailable without a daemon;
// resource_exhausted without room.
result<void> add_images(const std::filesystem::path& archive, const std::filesystem::path& work,
                        const image_choice& images);

// Whether a restore into this directory can begin: unavailable without a daemon, invalid_argument
// if containers of an earlier directory at this path run.
result<void> check_containers(const std::filesystem::path& data_dir, const image_choice& images);

// Gives the daemon the images of the archive, whose other contents are in the directory by now, and
// prints which of them the versions miss.
result<void> restore_images(const std::filesystem::path& archive,
                            const std::filesystem::path& data_dir, const image_choice& images);

} // namespace pawl
