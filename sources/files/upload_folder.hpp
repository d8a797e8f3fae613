// The files of uploads: `ID.BOOT.part` while an upload is received, `ID.tar` once all of it is on
// the disk. BOOT names this start of the machine.
//
// Bytes that were written, and not flushed, outlive the server and not the machine: after a power
// failure a file may have its length and not its bytes. So a part counts only while the machine
// that received it is up; and a whole upload gets its name after its bytes were flushed.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pawl {

// Deployments are named by plain names (is_plain_name()). Calls for one deployment wait for each
// other; calls for several may come from several threads.
class upload_folder {
public:
  // `boot` differs after each start of the machine. Creates nothing yet.
  upload_folder(std::filesystem::path folder, std::string boot)
      : folder_(std::move(folder)), boot_(std::move(boot)) {}

  const std::filesystem::path& path() const { return folder_; }

  // The file of a whole upload.
  std::filesystem::path whole(const std::string& deployment) const;
  std::optional<std::uint64_t> size_of_whole(const std::string& deployment) const;

  // The file of what has come since the machine started; it is made if there is none. Files of
  // earlier starts are removed.
  result<descriptor> open_part(const std::string& deployment);
  bool has_part(const std::string& deployment) const;

  // All of the upload is in its part: flushes it, and gives it the name of a whole one, durably. If
  // the disk does not take it, the part is removed: nobody can tell what it holds.
  result<void> finish(const std::string& deployment, int part);

  void remove(const std::string& deployment) const;

  // The deployments that have any file here.
  std::vector<std::string> deployments() const;

private:
  std::filesystem::path part(const std::string& deployment) const;

  std::filesystem::path folder_;
  std::string boot_;
  std::atomic<bool> named_ = false; // the folder's own name is on the disk
};

} // namespace pawl
