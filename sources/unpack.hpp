// Unpacks a verified source into a directory, for engines (implemented in
// sources/tar/tar_unpack.cpp). The tar is read as hostile input all the same.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace pawl {

// Counted while a tar is read.
struct tar_facts {
  std::uint64_t entries = 0;
  std::uint64_t files = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t disk_bytes = 0; // of the unpacked tree: contents in whole blocks of 4 KiB, and
                                // limits::file_overhead_bytes for each file, directory and link
  bool has_times = false;       // an entry has a time of its own; the tars of old clients have none
};

struct unpack_limits {
  std::uint64_t tar_bytes = 0;
  std::uint64_t disk_bytes = 0; // tar_facts::disk_bytes
};

// Writes the tar's tree into `directory`, which must not exist yet, and is created with mode 0700.
// Nothing is written outside of it, whatever the tar contains. Files get mode 0644 or 0755, their
// times if the tar has any, and belong to `owner`, if that is given (root only). On an error the
// directory is removed. too_large if the tar, resource_exhausted if its tree is over its limit;
// then nothing was written.
result<tar_facts> unpack_tar(const std::filesystem::path& tar,
                             const std::filesystem::path& directory, const unpack_limits& most,
                             std::optional<std::uint32_t> owner);

} // namespace pawl
