#include "config/cluster_config.hpp"

#include "config/freeze_windows.hpp"
#include "config/places.hpp"
#include "config/table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t memory_max = 64 * 1024 * limits::gib;
constexpr double cpus_least = 0.01;
constexpr double cpus_most = 1024;
constexpr std::size_t host_ports_max = 64;     // elements of a rule of the kernel for each
constexpr std::size_t freeze_windows_max = 64; // each is looked at for every deploy

void read_cluster_network(table_reader& reader, cluster_settings& cluster) {
  auto network = std::string{to_string(cluster.network)};
  reader.text("network", network);
  if (auto parsed = parse_cluster_network(network))
    cluster.network = *parsed;
  else
    reader.object("network",
                  fmt::format("is \"{}\", but must be \"host\" or \"isolated\"", network));
  reader.ports("host_ports", cluster.host_ports, host_ports_max);
  if (!cluster.host_ports.empty() && cluster.network != cluster_network::isolated)
    reader.object("host_ports", "has an effect only with network = \"isolated\": without that, all "
                                "ports of the machine are reached; add it, or remove this line");
}

void read_freeze(table_reader& reader, cluster_settings& cluster) {
  std::vector<std::string> given;
  reader.texts("freeze", given, freeze_windows_max);
  for (const auto& each : given)
    if (auto window = parse_freeze_window(each))
      cluster.freeze.push_back(*std::move(window));
    else
      reader.object("freeze", window.error().message);
}

// Settings that say how the server's own sandboxes are.
void refuse_for_containers(table_reader& reader) {
  for (const auto* key : {"network", "host_ports"})
    if (reader.entry(key) != nullptr)
      reader.object(key,
                    "has an effect only with engine = \"process\": containers are in a network "
                    "of the Docker Engine; remove this line");
}

void read_socket(table_reader& reader, const std::filesystem::path& base, bool is_used,
                 cluster_settings& cluster) {
  const auto* entry = reader.entry("socket");
  if (!is_used) {
    if (entry != nullptr)
      reader.object("socket", "has an effect only with engine = \"docker\": add it, or remove this "
                              "line");
    return;
  }
  cluster.socket = default_docker_socket;
  reader.text("socket", cluster.socket);
  if (cluster.socket.empty())
    return reader.object("socket", "is empty, but must be the path of the Docker Engine's socket");
  cluster.socket = (base / cluster.socket).lexically_normal().native();
  if (cluster.socket.size() > socket_path_bytes)
    reader.object("socket", fmt::format("is longer than the {} bytes that a socket's path may "
                                        "have: {}",
                                        socket_path_bytes, cluster.socket));
}

void read_engine(table_reader& reader, const std::filesystem::path& base,
                 cluster_settings& cluster) {
  reader.text("engine", cluster.engine);
  const auto kind = parse_engine_kind(cluster.engine);
  if (!kind)
    reader.object("engine",
                  fmt::format("is \"{}\", but must be \"process\" or \"docker\"", cluster.engine));
  // With an engine that nobody knows, its settings are not judged.
  if (kind)
    read_socket(reader, base, *kind == engine_kind::docker, cluster);
  else
    reader.entry("socket");
}

cluster_settings read_cluster(const toml_table& table, const std::string& name,
                              const std::filesystem::path& base, problem_list& problems) {
  cluster_settings cluster;
  cluster.name = name;
  table_reader reader{table, "cluster." + name, problems};
  read_engine(reader, base, cluster);
  auto policy = std::string{to_string(cluster.when_busy)};
  reader.text("when_busy", policy);
  if (auto parsed = parse_when_busy(policy))
    cluster.when_busy = *parsed;
  else
    reader.object("when_busy", fmt::format("is \"{}\", but must be \"reject\", \"queue\" or "
                                           "\"supersede\"",
                                           policy));
  reader.time("drain", cluster.drain, 0s, 1h);
  reader.time("warm", cluster.warm, 0s, 24h);
  reader.size("warm_memory", cluster.warm_memory, 0, memory_max);
  reader.time("watch_period", cluster.watch_period, 0s, 24h);
  reader.size("memory", cluster.memory_bytes, limits::mib, memory_max);
  reader.number("cpus", cluster.cpus, cpus_least, cpus_most);
  if (cluster.engine == to_string(engine_kind::docker))
    refuse_for_containers(reader);
  else
    read_cluster_network(reader, cluster);
  read_freeze(reader, cluster);
  reader.flag("default", cluster.is_default);
  reader.finish();
  return cluster;
}

// The server has one Docker Engine: an image that one of them has built is not in another.
void check_one_socket(const std::vector<cluster_settings>& clusters, const toml_entry& added,
                      problem_list& problems) {
  const auto& last = clusters.back();
  const auto other = std::find_if(clusters.begin(), clusters.end(), [&](const auto& each) {
    return each.engine == last.engine && each.socket != last.socket;
  });
  if (other != clusters.end())
    problems.add(added.line,
                 fmt::format("cluster.{} has the socket {}, and cluster.{} the socket {}: a server "
                             "works with one Docker Engine; give both the same socket, or run a "
                             "second server",
                             last.name, last.socket, other->name, other->socket));
}

void check_one_default(const std::vector<cluster_settings>& clusters, const toml_entry& added,
                       problem_list& problems) {
  const auto first = std::find_if(clusters.begin(), clusters.end(),
                                  [](const auto& each) { return each.is_default; });
  if (clusters.back().is_default && first->name != clusters.back().name)
    problems.add(added.line, fmt::format("cluster.{} and cluster.{} both have default = true: keep "
                                         "it in one",
                                         first->name, clusters.back().name));
}

} // namespace

std::vector<cluster_settings> read_clusters(const toml_entry* all,
                                            const std::filesystem::path& base_directory,
                                            problem_list& problems) {
  std::vector<cluster_settings> clusters;
  static const toml_table none;
  for (const auto& each : all != nullptr ? std::get<toml_table>(all->value).entries : none.entries)
    if (auto name = check_name("cluster", each.key); !name) {
      problems.add(each.line, name.error().message);
    } else if (const auto* table = std::get_if<toml_table>(&each.value)) {
      clusters.push_back(read_cluster(*table, each.key, base_directory, problems));
      check_one_socket(clusters, each, problems);
      check_one_default(clusters, each, problems);
    } else {
      problems.add(each.line, fmt::format("cluster.{} is {}, but must be a table", each.key,
                                          kind_of(each.value)));
    }
  if (clusters.empty())
    clusters.push_back(cluster_settings{});
  return clusters;
}

} // namespace pawl::config
