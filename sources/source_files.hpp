// The files of a source, to look into: which there are, and the text of some (implemented in
// sources/tar/tar_files.cpp). Nothing is unpacked, and no symlink is followed.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

class source_files {
public:
  source_files() = default;
  source_files(const source_files&) = delete;
  source_files& operator=(const source_files&) = delete;
  virtual ~source_files() = default;

  // Whether the source has a file, or a folder, of that path: names from the root, as "src/main.c".
  virtual bool has_file(std::string_view path) const = 0;
  virtual bool has_folder(std::string_view path) const = 0;

  // The names of what is right in that folder ("" is the root), sorted; a folder's ends in a slash.
  virtual std::vector<std::string> names_in(std::string_view folder) const = 0;

  // The beginning of a file, at most `most` bytes; nothing if there is no such file, or if it
  // cannot be read.
  virtual std::optional<std::string> beginning_of(std::string_view path,
                                                  std::uint64_t most) const = 0;
};

// Files that are deeper in folders than this are not seen, and of more than these the last not.
inline constexpr std::size_t source_files_depth = 6; // names of a path
inline constexpr std::size_t source_files_most = 100'000;

// Looks into a verified source, or into a tar that was packed here. The descriptor has to stay open
// as long as what is returned. Fails as the reading of a source's tar does. Blocks.
result<std::unique_ptr<source_files>> look_into_tar(int file, std::uint64_t bytes);

// The same of a file, which it opens.
result<std::unique_ptr<source_files>> look_into_tar(const std::filesystem::path& tar);

} // namespace pawl
