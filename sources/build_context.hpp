// The context of a Docker build: a verified source without what its .dockerignore leaves out, as a
// tar (implemented in sources/context/build_context.cpp).
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace pawl {

struct build_context {
  std::string dockerfile;      // its path in the tar; symlinks were followed
  std::string ignore_file;     // whose rules were applied; empty: there is none
  std::uint64_t entries = 0;   // of the tar
  std::uint64_t left_out = 0;  // entries of the source
  std::uint64_t tar_bytes = 0; // that the sink got
};

// Takes the next bytes of the tar. Its error ends the writing and is the result.
using context_sink = std::function<result<void>(std::string_view bytes)>;

// Reads the source's tar and gives the sink the tar of the context, piece by piece; the pieces are
// of 64 KiB at most. `dockerfile` is [build] dockerfile, a clean path. Blocks; any thread.
//
// The rules are those of DOCKERFILE.dockerignore, or else of .dockerignore in the root (meaning:
// sources/context/dockerignore.hpp). The Dockerfile and the file of the rules are sent whatever the
// rules say; Docker itself then hides them from COPY. Directories above what is sent are sent.
// Modes, links and times are the source's, owners are root, and the same source gives the same
// bytes.
//
// Before the sink gets anything: invalid_argument, naming the path and the remedy, if the source
// has no Dockerfile there, or something that is no file, and if a rule is no pattern; too_large if
// the rules are too many. Afterwards: too_large if the rules cost too much for so many files. Any
// other error is of reading the tar.
result<build_context> write_build_context(const std::filesystem::path& tar,
                                          const std::string& dockerfile, const context_sink& sink);

} // namespace pawl
