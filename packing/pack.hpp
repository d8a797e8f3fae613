// Packs a directory into the source that is sent: a canonical tar.
//
// The same tree gives the same bytes: entries sorted by the bytes of their paths, no owners, modes
// 0755 (directories and executables) or 0644, and the times of the last changes, because builds go
// by them: those before 1970 as 1970, those after 2242 as that. pax headers only where a path or
// the fraction of a second needs them. Entries that left_out names are not in it.
#pragma once

#include "lifecycle/deployment.hpp"
#include "lifecycle/limits.hpp"
#include "posix/descriptor.hpp"

#include <filesystem>

namespace pawl::packing {

struct packed_file {
  std::string path;
  std::uint64_t bytes = 0;
};

struct packed_source {
  descriptor file; // the tar; it has no name in any directory, and goes with this descriptor
  source_facts facts;
  std::vector<packed_file> largest = {}; // at most pack_largest_max files, the largest first
  // The digest of all that without the times: the same for each copy of the tree, such as a clone.
  std::string contents;
  // Sentences about what is sent otherwise than the person may think: left_out::take_notes(), and
  // files of Git LFS that were not fetched.
  std::vector<std::string> notes = {};
  // Those of pawl.toml and Procfile that are files in the root of the source, where the server
  // reads them.
  std::vector<std::string> settings = {};
  std::string_view ignore_file = {}; // where a person leaves out more: left_out::file()
};

// Fails with invalid_argument, whose message has a line for each problem of the tree (at most
// pack_problems_max): a fifo, a socket, a device, a symlink that leads out, an unreadable file, a
// file that changes while it is read, a name that is not UTF-8; or the directory is missing or
// empty. too_large over the limits of a source; as left_out if git
// does not answer; resource_exhausted if the folder for temporary
// files is full.
//
// With a `manifest`, that file becomes the pawl.toml of the source, whatever is there.
result<packed_source> pack(const std::filesystem::path& directory,
                           const std::filesystem::path& manifest = {});

inline constexpr std::size_t pack_problems_max = 20;
inline constexpr std::size_t pack_largest_max = 10;

} // namespace pawl::packing
