#include "config/new_server_config.hpp"

#include "config/values.hpp"

#include <fmt/format.h>

namespace pawl::config {

std::string new_server_config(const new_server_settings& settings) {
  const auto domain = settings.domain.empty()
                          ? std::string{"# domain = \"apps.example.org\""}
                          : fmt::format("domain = {}", toml_string(settings.domain));
  return fmt::format(
      R"toml(# A Pawl server. Relative paths are relative to this file.
# After a change: pawld --check-config FILE, and start pawld again.

# Records, sources, artifacts and logs.
data_dir = {}

[listen]
# For this machine: `pawl --server unix:PATH` as the user of pawld, or as root.
socket = {}
# For other machines: `pawl login` with a token, which `pawl token create` makes.
tls = {}
# Read again when the files change, or on SIGHUP. The fingerprint is the key's: a new certificate
# for the same key keeps it.
certificate = {}
key = {}

[router]
# HTTP for the apps, at this address and port. Behind it an app is APP.DOMAIN.
# listen = "127.0.0.1:7480"
{}

# More clusters, each with its apps, are more tables such as this one.
[cluster.local]
engine = "process"
)toml",
      toml_string(settings.data_dir), toml_string(settings.socket), toml_string(settings.listen),
      toml_string(settings.certificate), toml_string(settings.key), domain);
}

} // namespace pawl::config
