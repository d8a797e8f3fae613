// The directory of an app, as deploy and init read it before anything is sent.
#pragma once

#include "bin/pawl/command.hpp"
#include "bin/pawl/packing_module.hpp"
#include "config/manifest.hpp"
#include "detection/detection.hpp"

#include <filesystem>

namespace pawl::cli {

struct app_tree {
  std::filesystem::path directory = ".";
  std::filesystem::path manifest_file = {}; // another than DIR/pawl.toml; empty: that

  std::filesystem::path manifest() const {
    return manifest_file.empty() ? directory / "pawl.toml" : manifest_file;
  }
};

// The settings that the manifest, and a Procfile beside pawl.toml, say; how the app is built and
// started may be left open. Fails as config::read_manifest(), or if a file that the server reads is
// a symlink. Without the Procfile if that is not sent.
result<manifest> read_settings(const app_tree& tree, config::app_name needs,
                               bool procfile_is_sent = true);

// Finds what the server will find in the packed source, for a cluster of the engine process. Fails
// as detection::fill_in(). A Dockerfile can be enough where this fails: only the server knows the
// engine of the cluster.
result<detection::findings> look_into(const packing::packed_source& packed, const manifest& said);

} // namespace pawl::cli
