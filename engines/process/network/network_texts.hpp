// The texts that isolated networks are made with: commands for ip(8), rules for nft(8),
// resolv.conf. Pure.
#pragma once

#include "lifecycle/network_range.hpp"
#include "lifecycle/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

// A sandbox and its link. Its own end is called eth0.
struct network_link {
  std::string name; // of the machine's end
  std::uint32_t group = 0;
  std::string gateway;
  std::string address;
  std::uint16_t port = 0; // on which its app listens
  std::vector<std::uint16_t> host_ports;
};

// A cluster, to the rules: its links are of this group.
struct link_group {
  std::uint32_t group = 0;
  std::vector<std::uint16_t> host_ports;
};

// The number of descriptor in which ip finds the network of the sandbox.
inline constexpr int network_fd = 3;

// Makes both ends of the link at once; then the machine's end gets its address, and the route to
// the sandbox. Fails where another link has the address.
std::string machine_commands(const network_link& link);

// In the sandbox: its address, and the way out.
std::string sandbox_commands(const network_link& link);

// In the sandbox: connections to its port reach an app that listens on 127.0.0.1 too, and
// connections to the machine's ports at 127.0.0.1 reach the machine. Both ends see 127.0.0.1 as
// their peer, as without a network of its own.
std::string sandbox_rules(const network_link& link);

// Where a router listens for other machines.
struct public_endpoint {
  std::string address; // IPv4; empty: every one of the machine
  std::uint16_t port = 0;
};

struct machine_rules_input {
  std::string table;  // its name
  std::string prefix; // of the names of all links
  std::vector<link_group> groups;
  std::vector<std::string> resolvers; // IPv4 addresses
  std::optional<public_endpoint> router = {};
};

// Replaces the table in one transaction. It names no instance: a link that goes leaves nothing.
std::string machine_rules(const machine_rules_input& input);

// Removes the table, if there is one.
std::string no_machine_rules(std::string_view table);

// The counter that machine_rules() has for packets of trial_port to trial_address, which leave the
// sandbox and never the machine.
inline constexpr std::string_view trial_counter = "tried";
inline constexpr std::string_view trial_address = "198.51.100.1"; // of RFC 5737
inline constexpr std::uint16_t trial_port = 9;                    // discard

// The number in "packets N" of a listed counter; 0 without one.
std::uint64_t counted_packets(std::string_view listed);

// The chains that drop forwarded packets by their policy, as "ip filter FORWARD", from a list of
// all chains.
std::vector<std::string> dropping_chains(std::string_view listed);

// The first route, from a list of all, that overlaps the range and is no link of a server; "" if
// there is none. Default routes, also those in two halves, do not count.
std::string overlapping_route(const network_range& range, std::string_view listed);

// The nameservers of a resolv.conf that a sandbox reaches: IPv4, and not on its own loopback.
std::vector<std::string> reachable_resolvers(std::string_view resolv_conf);

// The resolv.conf with those nameservers, and its other lines.
std::string sandbox_resolv_conf(std::string_view resolv_conf);

} // namespace pawl
