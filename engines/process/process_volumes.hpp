// The volumes of the process engine: directories that instances and release commands of one lane
// find at a place of their sandbox, and can write. They belong to the app's user.
//
//   DATA/volumes/APP/CLUSTER/NAME
//   DATA/removed-volumes/…          being removed; under names of no meaning
#pragma once

#include "engines/engine.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"
#include "posix/keyed_mutex.hpp"

namespace pawl {

class process_volumes {
public:
  explicit process_volumes(const sandbox_host& host) : host_(host) {}

  // While it lives, the volumes that it names are not removed.
  using hold = std::vector<std::unique_ptr<keyed_mutex::lock>>;

  // Makes those of the volumes that are not there yet, durably. Hold it until the record of the
  // instance that has them is on the disk. resource_exhausted, unavailable.
  result<hold> make(const lane_key& lane, const manifest& settings);

  // The volumes of the settings, for a sandbox.
  std::vector<sandbox_volume> places(const lane_key& lane, const manifest& settings) const;

  // As engine says.
  result<std::vector<volume>> list() const;
  result<void> remove(const lane_key& lane, const std::string& name);

  // Ends a removal that was interrupted.
  void finish_removals() const;

private:
  std::filesystem::path path_of(const lane_key& lane, const std::string& name) const;
  std::optional<std::string> user_of(const lane_key& lane, const std::string& name) const;

  const sandbox_host& host_;
  mutable std::mutex removing_; // guards DATA/removed-volumes
  keyed_mutex calls_;           // by path
};

} // namespace pawl
