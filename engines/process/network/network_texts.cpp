#include "engines/process/network/network_texts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace pawl {

namespace {

constexpr ipv4_network loopback{0x7f000000, 8};
constexpr unsigned shortest_prefix = 8; // of a route that is no default route

// Calls with each line, without its end.
template <class Call>
void for_each_line(std::string_view text, Call&& call) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    call(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  std::vector<std::string_view> words;
  for (auto begin = line.find_first_not_of(blanks); begin != std::string_view::npos;
       begin = line.find_first_not_of(blanks)) {
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(blanks), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

// A match of both protocols.
std::string to_ports(const std::vector<std::uint16_t>& ports) {
  return fmt::format("meta l4proto {{ tcp, udp }} th dport {{ {} }}", fmt::join(ports, ", "));
}

// The word after this one; empty if there is none.
std::string_view word_after(const std::vector<std::string_view>& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  return found == words.end() || found + 1 == words.end() ? std::string_view{} : *(found + 1);
}

// The nameserver of a line of a resolv.conf; nothing for another line.
std::optional<std::string_view> nameserver_of(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() < 2 || words.front() != "nameserver")
    return std::nullopt;
  return words[1];
}

bool is_reachable(std::string_view nameserver) {
  const auto address = parse_ipv4_network(nameserver);
  return address && address->prefix == 32 && !overlap(*address, loopback);
}

// A rule for each cluster that names ports of the machine: the verdict on packets to them.
std::string for_host_ports(const machine_rules_input& input, std::string_view verdict) {
  std::string rules;
  for (const auto& each : input.groups)
    if (!each.host_ports.empty())
      rules += fmt::format("    meta iifgroup {} fib daddr type local {} {}\n", each.group,
                           to_ports(each.host_ports), verdict);
  return rules;
}

// In the order of a packet's way: first it must come from its link, then belong to what was let
// through before, then go where it may. All else of the machine is refused, so that a client is
// told at once.
std::string admission_rules(const machine_rules_input& input) {
  const auto host_ports = for_host_ports(input, "accept");
  std::string resolvers;
  if (!input.resolvers.empty())
    resolvers = fmt::format("    ip daddr {{ {} }} {} accept\n", fmt::join(input.resolvers, ", "),
                            to_ports({53}));
  std::string router;
  if (input.router)
    router = fmt::format("    {} tcp dport {} accept\n",
                         input.router->address.empty()
                             ? "fib daddr type local ip daddr != 127.0.0.0/8"
                             : fmt::format("ip daddr {}", input.router->address),
                         input.router->port);
  return fmt::format("  chain from_sandboxes {{\n"
                     "    type filter hook prerouting priority -150;\n"
                     "    iifname != \"{}*\" accept\n"
                     "    meta nfproto ipv6 drop\n"
                     "    fib saddr . iif oif missing drop\n"
                     "    ct state established,related accept\n"
                     "{}{}{}"
                     "    fib daddr type {{ local, broadcast, anycast, multicast }} goto refuse\n"
                     "  }}\n",
                     input.prefix, host_ports, resolvers, router);
}

std::string host_port_rules(const machine_rules_input& input) {
  const auto rules = for_host_ports(input, "dnat ip to 127.0.0.1");
  return fmt::format("  chain to_host_ports {{\n"
                     "    type nat hook prerouting priority -100;\n"
                     "{}"
                     "  }}\n"
                     "  chain as_from_loopback {{\n"
                     "    type nat hook input priority 100;\n"
                     "    iifname \"{}*\" ip daddr 127.0.0.1 snat ip to 127.0.0.1\n"
                     "  }}\n",
                     rules, input.prefix);
}

} // namespace

std::string machine_commands(const network_link& link) {
  return fmt::format("link add dev {0} group {1} type veth peer name eth0 netns /proc/self/fd/{2}\n"
                     "link set dev {0} addrgenmode none\n"
                     "address add {3}/32 dev {0}\n"
                     "link set dev {0} up\n"
                     "route add {4}/32 dev {0} src {3}\n",
                     link.name, link.group, network_fd, link.gateway, link.address);
}

std::string sandbox_commands(const network_link& link) {
  return fmt::format("link set dev eth0 addrgenmode none\n"
                     "address add {1}/32 dev eth0\n"
                     "link set dev eth0 up\n"
                     "route add {0}/32 dev eth0 scope link\n"
                     "route add default via {0} dev eth0 src {1}\n",
                     link.gateway, link.address);
}

std::string sandbox_rules(const network_link& link) {
  std::string to_host;
  if (!link.host_ports.empty())
    to_host = fmt::format("    ip daddr 127.0.0.1 {} dnat to {}\n", to_ports(link.host_ports),
                          link.gateway);
  return fmt::format("table ip pawl {{\n"
                     "  chain to_app {{\n"
                     "    type nat hook prerouting priority -100;\n"
                     "    iifname \"eth0\" tcp dport {0} dnat to 127.0.0.1\n"
                     "  }}\n"
                     "  chain as_from_loopback {{\n"
                     "    type nat hook input priority 100;\n"
                     "    iifname \"eth0\" ip daddr 127.0.0.1 snat to 127.0.0.1\n"
                     "  }}\n"
                     "  chain to_host_ports {{\n"
                     "    type nat hook output priority -100;\n"
                     "{1}"
                     "  }}\n"
                     "  chain out {{\n"
                     "    type nat hook postrouting priority 100;\n"
                     "    oifname \"eth0\" ip saddr 127.0.0.0/8 snat to {2}\n"
                     "  }}\n"
                     "}}\n",
                     link.port, to_host, link.address);
}

std::string machine_rules(const machine_rules_input& input) {
  return fmt::format("{0}"
                     "table inet {1} {{\n"
                     "  counter {2} {{ }}\n"
                     "{3}"
                     "  chain refuse {{\n"
                     "    meta l4proto tcp reject with tcp reset\n"
                     "    reject\n"
                     "  }}\n"
                     "{4}"
                     "  chain to_sandboxes {{\n"
                     "    type filter hook forward priority 0;\n"
                     "    oifname \"{5}*\" ct state != {{ established, related }} goto refuse\n"
                     "  }}\n"
                     "  chain tried_packets {{\n"
                     "    type filter hook postrouting priority -300;\n"
                     "    iifname \"{5}*\" ip daddr {6} udp dport {7} counter name {2} drop\n"
                     "  }}\n"
                     "  chain out {{\n"
                     "    type nat hook postrouting priority 100;\n"
                     "    iifname \"{5}*\" oifname != \"{5}*\" masquerade\n"
                     "  }}\n"
                     "}}\n",
                     no_machine_rules(input.table), input.table, trial_counter,
                     admission_rules(input), host_port_rules(input), input.prefix, trial_address,
                     trial_port);
}

// nft refuses to delete a table that is not there.
std::string no_machine_rules(std::string_view table) {
  return fmt::format("add table inet {0}\ndelete table inet {0}\n", table);
}

std::uint64_t counted_packets(std::string_view listed) {
  std::uint64_t packets = 0;
  for_each_line(listed, [&](std::string_view line) {
    const auto number = word_after(words_of(line), "packets");
    std::from_chars(number.data(), number.data() + number.size(), packets);
  });
  return packets;
}

std::vector<std::string> dropping_chains(std::string_view listed) {
  std::vector<std::string> found;
  std::string table;
  std::string_view chain;
  for_each_line(listed, [&](std::string_view line) {
    const auto words = words_of(line);
    if (words.size() > 2 && words.front() == "table")
      table = fmt::format("{} {}", words[1], words[2]);
    else if (words.size() > 1 && words.front() == "chain")
      chain = words[1];
    else if (word_after(words, "hook") == "forward" && word_after(words, "policy") == "drop;")
      found.push_back(fmt::format("{} {}", table, chain));
  });
  return found;
}

std::string overlapping_route(const network_range& range, std::string_view listed) {
  std::string found;
  for_each_line(listed, [&](std::string_view line) {
    const auto words = words_of(line);
    if (!found.empty() || is_link_name(word_after(words, "dev")))
      return;
    // The kind of a route stands before its network, where it is no ordinary one.
    for (std::size_t i = 0; i < std::min<std::size_t>(words.size(), 2); ++i)
      if (const auto network = parse_ipv4_network(words[i]);
          network && network->prefix >= shortest_prefix && overlap(*network, range.network()))
        found = fmt::format("{}", fmt::join(words, " "));
  });
  return found;
}

std::vector<std::string> reachable_resolvers(std::string_view resolv_conf) {
  std::vector<std::string> found;
  for_each_line(resolv_conf, [&](std::string_view line) {
    if (const auto nameserver = nameserver_of(line); nameserver && is_reachable(*nameserver))
      found.emplace_back(*nameserver);
  });
  return found;
}

std::string sandbox_resolv_conf(std::string_view resolv_conf) {
  std::string text;
  for_each_line(resolv_conf, [&](std::string_view line) {
    const auto nameserver = nameserver_of(line);
    if (!nameserver || is_reachable(*nameserver))
      text += fmt::format("{}\n", line);
  });
  return text;
}

} // namespace pawl
