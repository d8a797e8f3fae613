// Reads the server's pawld.toml.
#pragma once

#include "config/access_config.hpp"
#include "config/places.hpp"
#include "lifecycle/cluster.hpp"
#include "lifecycle/registry_login.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::config {

struct router_settings {
  std::string kind = "haproxy";          // "haproxy", or "none": apps answer on their own ports
  std::string listen = "127.0.0.1:7480"; // IP:PORT, [IP]:PORT
  std::string domain = "localhost";      // an app answers as APP.DOMAIN in the first cluster
  // Addresses and networks whose word on the client of a request is believed.
  std::vector<std::string> trusted_proxies = {};

  friend bool operator==(const router_settings&, const router_settings&) = default;
};

// The listener for clients of the network.
struct tls_settings {
  std::string listen;                // IP:PORT, [IP]:PORT
  std::filesystem::path certificate; // PEM: the server's, and those between it and the authority's
  std::filesystem::path key;         // PEM; of that certificate
  // PEM: authorities. A certificate that one of them has signed says who a client is.
  std::optional<std::filesystem::path> client_ca = {};

  friend bool operator==(const tls_settings&, const tls_settings&) = default;
};

struct server_limits {
  std::uint64_t upload_bytes = limits::source_bytes;
  std::uint64_t build_disk = limits::build_disk_bytes; // bytes that a build may take
  duration upload_timeout = limits::upload_timeout;    // an incomplete upload waits so long
  std::uint32_t queued = limits::queued_deployments;   // waiting deployments of a lane

  friend bool operator==(const server_limits&, const server_limits&) = default;
};

struct retention_settings {
  std::uint32_t versions = 10; // healthy ones, of each lane, that can be rolled back to

  friend bool operator==(const retention_settings&, const retention_settings&) = default;
};

struct audit_settings {
  duration keep = limits::audit_keep; // a record of the audit journal, from its time on

  friend bool operator==(const audit_settings&, const audit_settings&) = default;
};

struct network_settings {
  std::string range = "10.213.0.0/16"; // of the addresses of isolated sandboxes

  friend bool operator==(const network_settings&, const network_settings&) = default;
};

struct server_config {
  std::filesystem::path data_dir;  // absolute
  std::filesystem::path socket;    // absolute; short enough for a socket's address
  std::string socket_group = {};   // may connect to it too; empty: only its owner
  std::filesystem::path file = {}; // absolute: where it was read; empty: nowhere
  std::optional<tls_settings> tls = {};
  router_settings router = {};
  std::vector<cluster_settings> clusters;      // at least one, in the order of the file
  std::vector<registry_login> registries = {}; // each registry once
  server_limits limits = {};
  retention_settings retention = {};
  network_settings network = {};
  access_settings access = {};
  audit_settings audit = {};
};

// The configuration with its defaults filled in; an empty text is complete. Relative paths are
// relative to `base_directory` (absolute, the directory of the file). Fails with one
// invalid_argument error whose message has a line for each problem.
result<server_config> read_server_config(std::string_view text,
                                         const std::filesystem::path& base_directory,
                                         const surroundings& here = own_surroundings());

} // namespace pawl::config
