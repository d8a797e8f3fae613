// One upload while it is received: its file, how far it came, and the digest of what came.
#pragma once

#include "posix/background_digest.hpp"
#include "posix/descriptor.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pawl {

// Used by one thread at a time.
struct received_upload {
  // The file has the first `begun` bytes of `announced`.
  received_upload(descriptor opened, std::uint64_t announced, std::uint64_t begun);

  // Writes the bytes behind those that came, of which there are no more than were announced. Gives
  // 0, or the errno of the write that failed; those before it have been added.
  int write(std::vector<char> bytes);

  // Has the disk take what was written. Waits for what it was given before, so that the flush of
  // the whole, for which a client waits, has little left to do, however slow the disk is.
  void write_behind();

  descriptor file; // until all has come
  std::uint64_t expected;
  std::uint64_t reached;
  std::uint64_t given_to_disk = 0; // the bytes before it
  // The digest of the received bytes, and its text when all are there; neither if the upload began
  // in an earlier server process, or was closed meanwhile.
  std::unique_ptr<background_digest> sum;
  std::string known_digest;
};

} // namespace pawl
