// The daemon that builds and containers of one server share, and how the server's own things are
// told from those of others on it: by labels, of which the first is a digest of the data
// directory's path. Any thread.
//
//   containers  pawl-SERVER-INSTANCE, pawl-SERVER-release-DEPLOYMENT
//   volumes     pawl-SERVER-APP.CLUSTER.NAME
//   images      pawl/APP:build-DEPLOYMENT   a build's result, until its deployment is discarded
//               pawl/APP:sha256-HEX         an artifact: its name keeps it from every prune
#pragma once

#include "engines/docker/api_client.hpp"
#include "engines/variable_source.hpp"
#include "lifecycle/limits.hpp"
#include "lifecycle/registry_login.hpp"

#include <map>
#include <memory>
#include <string>

namespace pawl {

struct docker_engine_config {
  std::filesystem::path data_dir; // exists, absolute
  std::filesystem::path socket;   // of the daemon
  // Limits of one build: as those of the process engine, in memory. What a build takes of the disk
  // is the daemon's, and not limited.
  std::uint64_t build_memory_bytes = 2 * limits::gib;
  // Limit of one instance or release command; threads count.
  std::uint64_t instance_processes = 1024;
  std::vector<registry_login> registries = {};
  std::uint64_t source_bytes = limits::source_bytes; // the largest source of the source store
  // How long a step waits for a daemon that ended or restarts.
  std::chrono::milliseconds patience{30'000};
  // Which secrets are not to be in the logs of its instances; may be null.
  std::shared_ptr<const variable_source> variables = {};
};

inline constexpr auto server_label = "pawl.server";
inline constexpr auto kind_label = "pawl.kind"; // "instance" or "release"
inline constexpr auto name_label = "pawl.name"; // of an instance
inline constexpr auto app_label = "pawl.app";
inline constexpr auto cluster_label = "pawl.cluster";
inline constexpr auto deployment_label = "pawl.deployment";
inline constexpr auto version_label = "pawl.version";
inline constexpr auto volume_label = "pawl.volume"; // its name in its lane
inline constexpr auto port_label = "pawl.port";     // that an instance is asked at

using label_map = std::map<std::string, std::string>;

class docker_host {
public:
  explicit docker_host(docker_engine_config config);

  const docker_engine_config& config() const { return config_; }
  api_client& client() const { return client_; }

  // The directory of this engine, below the data directory.
  std::filesystem::path directory() const { return config_.data_dir / "docker"; }

  std::string container_name(const std::string& what) const;
  static std::string artifact_name(const std::string& app, const std::string& digest);
  static std::string build_name(const std::string& app, const std::string& deployment);

  label_map labels(const std::string& kind) const;

  // A query's `filters`, for what has those labels.
  std::string filter_for(const label_map& labels) const;

private:
  const docker_engine_config config_;
  const std::string server_;
  mutable api_client client_;
};

} // namespace pawl
