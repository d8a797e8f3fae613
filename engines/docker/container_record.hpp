// An instance as the server last knew it, on the disk: while no daemon answers, this is all that is
// known of it.
//
//   DATA/docker/instances/NAME/record.json   this
//   DATA/docker/instances/NAME/output        how far its log was copied (log_followers.hpp)
#pragma once

#include "engines/engine.hpp"
#include "posix/files.hpp"

namespace pawl {

struct container_record {
  instance known;        // running, at its address; with no address its start was interrupted
  std::string container; // its id; empty: it was not created yet
  std::optional<config_number> config = {}; // the revision of its lane's configuration
};

class container_records {
public:
  explicit container_records(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path directory_of(const std::string& name) const { return directory_ / name; }

  // Durable when it returns.
  result<void> write(const container_record& record) const;
  // not_found; data_corruption.
  result<container_record> read(const std::string& name) const;
  bool has(const std::string& name) const;
  result<void> remove(const std::string& name) const;
  std::vector<std::string> names() const { return names_in(directory_); }

private:
  const std::filesystem::path directory_;
};

} // namespace pawl
