// Networks of their own for the sandboxes of isolated clusters. Each has a link to the machine, a
// pair of virtual interfaces: over it the router and the probes reach the app, and the app what is
// outside of the machine, nameservers, and the machine's ports that its cluster names. Other
// sandboxes and all else of the machine refuse it.
//
//   DATA/network.nft   the rules that the kernel was given last; absent without isolated clusters
//
// The kernel removes a link with the last process of its sandbox. Everything is made by the
// programs ip and nft. Root only; any thread.
#pragma once

#include "engines/process/network/network_texts.hpp"
#include "posix/descriptor.hpp"
#include "posix/port_lease.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include <sys/types.h>

namespace pawl {

struct isolated_network_config {
  std::string range = "10.213.0.0/16";                             // as network_range takes it
  std::map<std::string, std::vector<std::uint16_t>> clusters = {}; // isolated ones: host_ports
  std::optional<public_endpoint> router = {};
  std::filesystem::path resolv_conf = "/etc/resolv.conf";
  // The nameservers that systemd-resolved asks, where the first names only 127.0.0.53.
  std::filesystem::path upstream_resolv_conf = "/run/systemd/resolve/resolv.conf";
};

// Whether this machine and user can have the isolated clusters of the configuration, if it has any:
// root, the programs, addresses that nothing else has, a nameserver. invalid_argument, with a line
// for each problem. Blocks.
result<void> check_isolation(const isolated_network_config& config);

class isolated_networks {
public:
  // `server_digest` is in hexadecimal, and names what belongs to the server of this data directory.
  isolated_networks(isolated_network_config config, std::filesystem::path data_dir,
                    std::string server_digest);

  bool isolates(const std::string& cluster) const { return config_.clusters.contains(cluster); }

  // The address of a sandbox that has leased this port.
  std::string address_of(std::uint16_t port) const { return range_.address_of(port); }

  // The /etc/resolv.conf of sandboxes; unavailable if no nameserver can be reached from there.
  result<std::string> resolv_conf() const;

  // Makes the rules and tries one link; does nothing without isolated clusters. Gives warnings:
  // settings of the machine that were changed, and what keeps sandboxes from going out.
  // unavailable, with what the kernel or a program said.
  result<std::vector<std::string>> check(port_range ports) const;

  // Gives the process, which is the first one of a sandbox of its own network, its link.
  result<void> connect(const std::string& cluster, std::uint16_t port, pid_t first) const;

  // The link of an instance that was connected by an earlier process of this server: it stays.
  void keep(std::uint16_t port) const;

  bool is_connected(std::uint16_t port) const;

  // Removes the link, if the kernel has not.
  void disconnect(std::uint16_t port) const;

  // Removes links of this server that were neither connected nor kept, and the rules when no
  // cluster is isolated and no link left.
  void remove_unused() const;

private:
  network_link link_of(const std::string& cluster, std::uint16_t port) const;
  result<void> make(const network_link& link, const descriptor& network) const;
  result<void> set_rules() const;
  std::string rules() const;
  bool is_in_use(std::uint16_t port) const;
  result<std::string> try_way_out(port_range ports) const; // what blocks it, or ""
  std::string blocked_way() const;
  std::filesystem::path rules_file() const { return data_dir_ / "network.nft"; }
  std::string table() const { return "pawl_" + server_digest_; }

  const isolated_network_config config_;
  const network_range range_;
  const std::filesystem::path data_dir_;
  const std::string server_digest_;
  mutable std::mutex mutex_; // one change of the rules at a time; guards the next one
  mutable std::set<std::uint16_t> in_use_;
};

} // namespace pawl
