// Uploads and the sources that they become, on disk. A source is a tar that clients made: it is
// read as hostile. Blocking; any thread; calls for one deployment wait for one another.
#pragma once

#include "lifecycle/deployment.hpp"

#include <filesystem>
#include <vector>

namespace pawl {

// What a verified source says of itself.
struct source_reading {
  source_facts facts;
  std::optional<std::string> manifest = {}; // the text of pawl.toml in its root
  std::optional<std::string> procfile = {}; // the text of Procfile in its root
};

class source_store {
public:
  source_store() = default;
  source_store(const source_store&) = delete;
  source_store& operator=(const source_store&) = delete;
  virtual ~source_store() = default;

  // Opens the deployment's upload, new or cut off before, and returns the offset to go on from:
  // all its bytes if it is all there, or if the app has this source already, from this or another
  // deployment. resource_exhausted if the disk has no room for the rest.
  virtual result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                            const source_facts& promised) = 0;

  // Appends at exactly the offset that was reached, and returns the new one. invalid_argument for
  // another offset; too_large past the `bytes` of open_upload.
  virtual result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                                       std::vector<char> bytes) = 0;

  // Reads a complete upload through: that it is the digest that was promised, and that it is a tar
  // with nothing but files, directories and inward symlinks with clean relative names; then keeps
  // it, durably, as the source of that digest. Repeatable: also after the upload was turned into a
  // source. invalid_argument or too_large, saying which entry breaks which rule; data_corruption if
  // the source was kept before and is damaged now: it is removed, so that it can be sent again.
  virtual result<source_reading> verify(const std::string& deployment, const std::string& app,
                                        const std::string& digest) = 0;

  // The tar of a verified source.
  virtual std::filesystem::path path(const std::string& app, const std::string& digest) const = 0;

  // The deployments of which an upload is there.
  virtual std::vector<std::string> uploads() const = 0;

  // Forgets an upload that was not verified: its deployment has ended, or serves. It is not opened
  // again: a worker may still have been asked to, before that was known to whoever asked.
  virtual void discard_upload(const std::string& deployment) = 0;
};

} // namespace pawl
