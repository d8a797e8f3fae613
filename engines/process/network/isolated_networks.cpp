#include "engines/process/network/isolated_networks.hpp"

#include "engines/process/network/network_programs.hpp"
#include "posix/digest.hpp"
#include "posix/files.hpp"
#include "posix/network_namespace.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <chrono>
#include <thread>

#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

constexpr auto forwarding_setting = "ip_forward";
constexpr auto way_out_timeout = 2s; // of a packet to the machine's own rules
constexpr auto way_out_pause = 20ms;

// Above the groups that people number by hand.
std::uint32_t group_of(const std::string& cluster) {
  constexpr std::uint32_t bits = 0x3fffffff;
  constexpr std::uint32_t first = 0x40000000;
  digest name;
  name.add(cluster);
  const auto text = name.text();
  std::uint32_t number = 0;
  std::from_chars(text.data() + 7, text.data() + 15, number, 16);
  return first + (number & bits);
}

std::string text_at(const fs::path& path) {
  constexpr std::size_t most = 64 * 1024;
  std::error_code absent;
  auto text = read_file(fs::canonical(path, absent), most);
  return text ? *std::move(text) : std::string{};
}

// The file whose nameservers sandboxes get.
std::string resolv_conf_of(const isolated_network_config& config) {
  auto own = text_at(config.resolv_conf);
  return reachable_resolvers(own).empty() ? text_at(config.upstream_resolv_conf) : own;
}

result<void> check_resolvers(const isolated_network_config& config) {
  if (!reachable_resolvers(resolv_conf_of(config)).empty())
    return {};
  return error{errc::unavailable,
               fmt::format("{} names no nameserver that an isolated sandbox reaches: it takes an "
                           "IPv4 address that is not of 127.0.0.0/8. Name one there, or let a "
                           "resolver of this machine listen on another address of it",
                           config.resolv_conf.string()),
               {}};
}

result<void> check_range(const isolated_network_config& config) {
  const auto routes = ask_ip({"-4", "route", "show", "table", "all"});
  if (!routes)
    return routes.error();
  const auto range = network_range::parse(config.range);
  const auto route = range ? overlapping_route(*range, *routes) : std::string{};
  if (route.empty())
    return {};
  return error{errc::invalid_argument,
               fmt::format("network.range is {}, but this machine has a route to addresses of it: "
                           "\"{}\"; name another private /16, such as \"10.214.0.0/16\"",
                           config.range, route),
               {}};
}

} // namespace

result<void> check_isolation(const isolated_network_config& config) {
  if (config.clusters.empty())
    return {};
  const auto name = config.clusters.begin()->first;
  std::vector<std::string> problems;
  if (::geteuid() != 0)
    problems.push_back(fmt::format("cluster.{}: network = \"isolated\" takes a server that runs as "
                                   "root; start it so, or remove the line",
                                   name));
  const auto missing = missing_network_programs();
  if (!missing.empty())
    problems.push_back(fmt::format("cluster.{}: network = \"isolated\" takes programs that are not "
                                   "installed: {}; install them, or remove the line",
                                   name, fmt::join(missing, ", ")));
  if (problems.empty())
    if (auto free = check_range(config); !free)
      problems.push_back(free.error().message);
  if (auto resolved = check_resolvers(config); !resolved)
    problems.push_back(resolved.error().message);
  if (problems.empty())
    return {};
  return error{errc::invalid_argument, fmt::format("{}", fmt::join(problems, "\n")), {}};
}

isolated_networks::isolated_networks(isolated_network_config config, fs::path data_dir,
                                     std::string server_digest)
    : config_(std::move(config)), range_(network_range::parse(config_.range).value()),
      data_dir_(std::move(data_dir)), server_digest_(std::move(server_digest)) {}

result<std::string> isolated_networks::resolv_conf() const {
  if (auto reachable = check_resolvers(config_); !reachable)
    return std::move(reachable).error();
  return sandbox_resolv_conf(resolv_conf_of(config_));
}

network_link isolated_networks::link_of(const std::string& cluster, std::uint16_t port) const {
  const auto found = config_.clusters.find(cluster);
  return {.name = link_name(server_digest_, port),
          .group = group_of(cluster),
          .gateway = range_.gateway(),
          .address = range_.address_of(port),
          .port = port,
          .host_ports =
              found == config_.clusters.end() ? std::vector<std::uint16_t>{} : found->second};
}

std::string isolated_networks::rules() const {
  machine_rules_input input;
  input.table = table();
  input.prefix = link_prefix(server_digest_);
  for (const auto& [cluster, host_ports] : config_.clusters)
    input.groups.push_back({group_of(cluster), host_ports});
  input.resolvers = reachable_resolvers(resolv_conf_of(config_));
  input.router = config_.router;
  return machine_rules(input);
}

// Also with each link: a service of the machine that was started again may have dropped all tables.
result<void> isolated_networks::set_rules() const {
  const std::lock_guard lock{mutex_};
  return run_nft(rules());
}

result<void> isolated_networks::make(const network_link& link, const descriptor& network) const {
  if (has_interface(link.name)) // the kernel is slow to remove it with its last sandbox
    if (auto removed = run_ip(fmt::format("link delete dev {}\n", link.name));
        !removed && has_interface(link.name))
      return removed;
  if (auto ruled = set_rules(); !ruled)
    return ruled;
  if (auto made = run_ip(machine_commands(link), {{network.get(), network_fd}}); !made)
    return made;
  const auto local_routes = [](const std::string& interface) {
    return set_network_setting(fmt::format("conf/{}/route_localnet", interface), "1");
  };
  if (auto set = local_routes(link.name); !set)
    return set;
  return in_network(network, [&]() -> result<void> {
    if (auto made = run_ip(sandbox_commands(link)); !made)
      return made;
    if (auto set = local_routes("eth0"); !set)
      return set;
    return run_nft(sandbox_rules(link));
  });
}

result<void> isolated_networks::connect(const std::string& cluster, std::uint16_t port,
                                        pid_t first) const {
  const auto network = other_network_of(first);
  if (!network)
    return network.error();
  keep(port);
  auto made = make(link_of(cluster, port), *network);
  if (made)
    return made;
  disconnect(port);
  return error{made.error().code,
               fmt::format("the network of a sandbox could not be made: {}", made.error().message),
               {}};
}

void isolated_networks::keep(std::uint16_t port) const {
  const std::lock_guard lock{mutex_};
  in_use_.insert(port);
}

bool isolated_networks::is_connected(std::uint16_t port) const {
  return has_interface(link_name(server_digest_, port));
}

// A link that cannot be removed now is removed with its sandbox, or by remove_unused().
void isolated_networks::disconnect(std::uint16_t port) const {
  const auto name = link_name(server_digest_, port);
  if (has_interface(name))
    (void)run_ip(fmt::format("link delete dev {}\n", name)).has_value();
  const std::lock_guard lock{mutex_};
  in_use_.erase(port);
}

void isolated_networks::remove_unused() const {
  std::error_code unreadable;
  if (config_.clusters.empty() && !fs::exists(rules_file(), unreadable))
    return; // this server has never made one
  bool left = false;
  for (const auto& name : interface_names())
    if (const auto port = port_of_link(server_digest_, name)) {
      const bool used = is_in_use(*port);
      if (!used)
        disconnect(*port);
      left = left || used;
    }
  if (!left && config_.clusters.empty() && run_nft(no_machine_rules(table())))
    fs::remove(rules_file(), unreadable);
}

bool isolated_networks::is_in_use(std::uint16_t port) const {
  const std::lock_guard lock{mutex_};
  return in_use_.contains(port);
}

result<std::vector<std::string>> isolated_networks::check(port_range ports) const {
  std::vector<std::string> warnings;
  if (config_.clusters.empty())
    return warnings;
  if (auto noted = write_file_durably(rules_file(), rules()); !noted)
    return std::move(noted).error();
  auto forwards = network_setting(forwarding_setting);
  if (!forwards)
    return std::move(forwards).error();
  if (*forwards == "0") {
    if (auto set = set_network_setting(forwarding_setting, "1"); !set)
      return std::move(set).error();
    warnings.emplace_back("the setting net.ipv4.ip_forward was 0 and is now 1, which isolated "
                          "sandboxes need: this machine forwards packets between its networks; "
                          "where it must not, forbid it in its firewall");
  }
  auto blocked = try_way_out(ports);
  if (!blocked)
    return std::move(blocked).error();
  if (!blocked->empty())
    warnings.push_back(*std::move(blocked));
  return warnings;
}

// A link is made as for a sandbox, and a packet sent over it that this server's last rule counts
// and drops: other rules of the machine come before that one.
result<std::string> isolated_networks::try_way_out(port_range ports) const {
  auto lease = lease_port(ports);
  if (!lease)
    return std::move(lease).error();
  auto network = new_network();
  if (!network)
    return std::move(network).error();
  keep(lease->port());
  auto made = make(link_of({}, lease->port()), *network);
  bool out = false;
  const auto end = std::chrono::steady_clock::now() + way_out_timeout;
  while (made && !out && std::chrono::steady_clock::now() < end) {
    made = in_network(*network, [&]() -> result<void> {
      // Without a route there is nothing that rules could keep packets from.
      out = send_packet(trial_address, trial_port) == ENETUNREACH;
      return {};
    });
    const auto counter = ask_nft({"list", "counter", "inet", table(), std::string{trial_counter}});
    out = out || (counter && counted_packets(*counter) > 0);
    if (!out)
      std::this_thread::sleep_for(way_out_pause);
  }
  disconnect(lease->port());
  if (!made)
    return error{errc::unavailable,
                 fmt::format("isolated networks cannot be made here: {}", made.error().message),
                 {}};
  return out ? std::string{} : blocked_way();
}

std::string isolated_networks::blocked_way() const {
  const auto chains = ask_nft({"list", "chains"});
  const auto dropping = chains ? dropping_chains(*chains) : std::vector<std::string>{};
  const auto prefix = link_prefix(server_digest_);
  return fmt::format(
      "isolated sandboxes have no way out of this machine: {} drops the packets that it forwards. "
      "Let those of the interfaces {}* through; where Docker has made the rules, with: iptables -I "
      "DOCKER-USER -i {}+ -j ACCEPT; iptables -I DOCKER-USER -o {}+ -m conntrack --ctstate "
      "ESTABLISHED,RELATED -j ACCEPT",
      dropping.empty() ? "a rule of its firewall"
                       : fmt::format("the chain \"{}\"", fmt::join(dropping, "\", \"")),
      prefix, prefix, prefix);
}

} // namespace pawl
