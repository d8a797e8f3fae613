#include "config/new_server_config.hpp"

#include "config/values.hpp"

#include <fmt/format.h>

namespace pawl::config {

namespace {

// A setting; where it is not said, its default as a comment.
std::string setting(std::string_view key, const std::string& said, std::string_view usual) {
  return said.empty() ? fmt::format("# {} = {}", key, toml_string(usual))
                      : fmt::format("{} = {}", key, toml_string(said));
}

} // namespace

std::string new_server_config(const new_server_settings& settings) {
  const std::string apps_listen = settings.domain.empty() ? "" : "0.0.0.0:7480";
  return fmt::format(
      R"toml(# The configuration of pawld, with defaults as comments: take away a # to change one.
# It is read when the server starts: `pawld --check-config FILE` tells every problem, and a restart
# costs no request. Relative paths begin in the folder of this file.

# All that the server keeps. The unit for systemd lets it write to /var/lib/pawl and /run only: with
# another place, add ReadWritePaths=DIRECTORY by `systemctl edit pawld`.
{data_dir}

[listen]
# `pawl` on this machine connects here, as root or as the user of pawld.
{socket}
# The socket becomes this group's, whose members need an entry in [access.users].
# socket_group = "pawl"
# Other machines connect here: `pawl login` with a token, which `pawl token create` makes.
{tls}
# Read again when the files change, or on SIGHUP. The fingerprint is the key's: a new certificate
# for the same key keeps it.
{certificate}
{key}
# A certificate that one of these authorities has signed says who a client is.
# client_ca = "tls/clients.crt"

[router]
# Where apps are reached: IP:PORT. "0.0.0.0:80" or "[::]:80" is every address of the machine.
{apps_listen}
# An app shop answers as shop.localhost, or with another domain as shop.apps.example.org.
{domain}
# Proxies before the router, whose word on the client of a request is believed.
# trusted_proxies = []

# [limits]
# The largest source, and the disk that a build may take.
# upload_bytes = "2G"
# build_disk = "10G"
# Deployments that wait in one lane.
# queued = 20

# [audit]
# How long it is known who did what.
# keep = "400d"

# A place that apps are deployed to. Add others, as [cluster.staging]; the first gives the short
# host names.
[cluster.local]
# engine = "process" # with "docker" apps are containers
# A deploy while another is in flight: "reject", "queue" or "supersede".
# when_busy = "reject"
# From the switch to a new version to the end of the old one's requests.
# drain = "10s"
# warm = "10m"
# How long a new version is watched, and given up for the one before if it turns unhealthy.
# watch_period = "30s"
# memory = "512M" # of each instance
# cpus = 1.0
# "isolated": a network of its own for each build and instance.
# network = "host"
# Windows of each week in which nothing new begins, as "Fri 16:00 - Mon 08:00 Europe/Berlin".
# freeze = []
)toml",
      fmt::arg("data_dir", setting("data_dir", settings.data_dir, "/var/lib/pawl")),
      fmt::arg("socket", setting("socket", settings.socket, "/run/pawl/pawld.sock")),
      fmt::arg("tls", setting("tls", settings.listen, "0.0.0.0:7420")),
      fmt::arg("certificate", setting("certificate", settings.certificate, "tls/server.crt")),
      fmt::arg("key", setting("key", settings.key, "tls/server.key")),
      fmt::arg("apps_listen", setting("listen", apps_listen, "127.0.0.1:7480")),
      fmt::arg("domain", setting("domain", settings.domain, "localhost")));
}

} // namespace pawl::config
