#include "engines/process/sandbox/etc_rules.hpp"

#include <algorithm>
#include <array>

namespace pawl {

namespace {

// Each with all that is in it. A * stands at the beginning or at the end of a pattern.
constexpr auto private_paths = std::to_array<std::string_view>(
    {// accounts, and who may administer the machine
     "passwd*", "group*", "shadow*", "gshadow*", "subuid*", "subgid*", "security/opasswd", "sudo*",
     "doas.conf", "polkit-1", "ssh/sshd_config*", "at.allow", "at.deny", "cron*", "anacrontab",
     // keys and passwords
     "ssl/private", "pki/tls/private", "ssh/ssh_host_*", "letsencrypt", "apt/auth.conf*",
     "mysql/debian.cnf", "ppp", "wireguard", "openvpn", "ipsec*", "swanctl", "wpa_supplicant",
     // the machine, its disks, networks and services
     "machine-id", "hostname", "fstab*", "crypttab*", "exports*", "iscsi", "NetworkManager",
     "netplan", "network", "systemd", "default", "environment*", "haproxy", "docker", "containerd",
     "kubernetes", "rancher",
     // the server's
     "pawl*"});

// In any folder.
constexpr auto private_names = std::to_array<std::string_view>(
    {"*.key", "*key.pem", "*privkey*", "*.keytab", "*.p12", "*.pfx", "*htpasswd*", "*credentials*",
     ".netrc", ".pgpass", ".git", ".hg", ".bzr"});

// Not fnmatch(): some hundred thousand pairs are compared before each start of an instance.
bool matches(std::string_view pattern, std::string_view text) {
  const bool begins_anyhow = pattern.starts_with('*');
  const bool ends_anyhow = pattern.ends_with('*');
  if (begins_anyhow)
    pattern.remove_prefix(1);
  if (ends_anyhow)
    pattern.remove_suffix(1);
  if (begins_anyhow)
    return ends_anyhow ? text.find(pattern) != text.npos : text.ends_with(pattern);
  return ends_anyhow ? text.starts_with(pattern) : text == pattern;
}

} // namespace

// A folder that may not be shown is not entered, so the paths below it need no pattern.
bool may_be_shown(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return std::none_of(private_paths.begin(), private_paths.end(),
                      [&](std::string_view pattern) { return matches(pattern, path); }) &&
         std::none_of(private_names.begin(), private_names.end(),
                      [&](std::string_view pattern) { return matches(pattern, name); });
}

} // namespace pawl
