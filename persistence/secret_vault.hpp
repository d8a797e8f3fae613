// Seals the secrets of lanes for the store, and opens them again. Its key is in a file beside the
// store, so that a copy of the store alone tells nobody a secret.
#pragma once

#include "lifecycle/variables.hpp"

#include <filesystem>
#include <mutex>

namespace pawl {

// The key's file in a data directory.
std::filesystem::path secret_key_file(const std::filesystem::path& data_dir);

class secret_vault {
public:
  // The file is read with each call, so that one that was put back is used at once.
  explicit secret_vault(std::filesystem::path key_file) : file_(std::move(key_file)) {}

  // Seals `clear` of each secret of the configuration that is not sealed, for its lane, its name
  // and its revision. Makes the key, durably, if there is none. Fails: unavailable, if others can
  // read the key, or it is none, or cannot be written. Any thread; blocks.
  result<void> seal(configuration& next);

  // The variables as an app gets them. unavailable, naming the file and what to do, if a secret
  // cannot be opened with the key that there is. Any thread; blocks.
  result<std::vector<variable_text>> open(const configuration& stored) const;

private:
  std::filesystem::path file_;
  std::mutex making_; // the key is made by one
};

} // namespace pawl
