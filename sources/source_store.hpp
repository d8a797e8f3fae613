// Keeps uploads and the sources that they become. A source is a tar that a client made: it is read
// as hostile input. Blocks; any thread; calls for one deployment wait for each other.
//
// test/sources/source_store_contract.hpp tests these promises on every source store.
#pragma once

#include "lifecycle/deployment.hpp"

#include <filesystem>
#include <vector>

namespace pawl {

// The facts and the manifest of a verified source.
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

  // Opens the deployment's upload, a new or an interrupted one, and gives the offset of the next
  // byte. `promised.bytes` means that all of it is on the disk, and survives a power failure; or
  // that the app has this source already, from this or another deployment. Less means that so much
  // was received; after a power failure an upload may begin anew, and is never believed to have
  // bytes that were lost. resource_exhausted if the disk has no room for the rest.
  virtual result<std::uint64_t> open_upload(const std::string& deployment, const std::string& app,
                                            const source_facts& promised) = 0;

  // Appends at the offset that was reached, and gives the new one, which means what that of
  // open_upload() means. If the disk does not take the whole, the upload begins anew.
  // invalid_argument for another offset, or if the upload is not open; too_large beyond the
  // promised bytes.
  virtual result<std::uint64_t> append(const std::string& deployment, std::uint64_t offset,
                                       std::vector<char> bytes) = 0;

  // Gives back the memory, the thread and the descriptor of an upload of which nothing comes for
  // now. Its bytes stay, and open_upload() goes on with them; until then it is not open. Nothing
  // happens if it is not open, or complete.
  virtual void close_upload(const std::string& deployment) = 0;

  // Reads the whole upload and checks that it has this digest, and that it is a tar of files,
  // directories and symlinks that lead inside, with clean relative names; then keeps it, durably,
  // as the source of that digest. Can be repeated, also after the upload became a source.
  // invalid_argument or too_large, naming the entry and the rule; data_corruption if the source was
  // kept before and is damaged now: it is removed, so that it can be sent again.
  virtual result<source_reading> verify(const std::string& deployment, const std::string& app,
                                        const std::string& digest) = 0;

  // The path of a verified source's tar.
  virtual std::filesystem::path path(const std::string& app, const std::string& digest) const = 0;

  // The deployments that have an upload.
  virtual std::vector<std::string> uploads() const = 0;

  // Removes an upload that was not verified: its deployment has ended, or serves. The deployment's
  // upload is not opened again: a worker may still get an order to do so that was given before.
  virtual void discard_upload(const std::string& deployment) = 0;
};

} // namespace pawl
