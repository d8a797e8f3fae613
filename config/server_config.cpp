#include "config/server_config.hpp"

#include "config/access_config.hpp"
#include "config/cluster_config.hpp"
#include "config/registry_config.hpp"
#include "config/table_reader.hpp"
#include "config/values.hpp"
#include "lifecycle/ip_address.hpp"
#include "lifecycle/network_range.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t upload_bytes_max = 1024 * limits::gib;
constexpr std::uint64_t build_disk_max = 1024 * limits::gib;
constexpr std::size_t trusted_proxies_max = 64; // a line of the router's configuration for each

// The path of a key, made absolute, or the default, whose absence is a problem of its own.
void read_path(table_reader& reader, std::string_view key, const std::filesystem::path& base,
               const result<std::filesystem::path>& otherwise, std::filesystem::path& value,
               problem_list& problems) {
  const auto* entry = reader.entry(key);
  if (entry == nullptr) {
    if (otherwise)
      value = *otherwise;
    else
      problems.add(otherwise.error().message);
    return;
  }
  std::string given;
  reader.text(key, given);
  if (std::holds_alternative<std::string>(entry->value) && given.empty())
    reader.object(key, "is empty, but must be a path");
  else
    value = (base / given).lexically_normal();
}

// Below it stand the paths of apps and their files, and the kernel takes 4096 bytes.
void check_data_dir(const server_config& config, problem_list& problems) {
  constexpr std::size_t most = 2048;
  if (config.data_dir.native().size() > most)
    problems.add(fmt::format("data_dir is longer than the {} bytes that its path may have: {}…",
                             most, config.data_dir.native().substr(0, 100)));
}

// Nothing is listened to without `tls`; then its files have no effect.
void read_tls(table_reader& reader, const std::filesystem::path& base, server_config& config,
              problem_list& problems) {
  tls_settings given;
  const result<std::filesystem::path> none{std::filesystem::path{}};
  std::filesystem::path client_ca;
  read_path(reader, "certificate", base, none, given.certificate, problems);
  read_path(reader, "key", base, none, given.key, problems);
  read_path(reader, "client_ca", base, none, client_ca, problems);
  if (reader.entry("tls") == nullptr) {
    for (const auto* key : {"certificate", "key", "client_ca"})
      if (reader.entry(key) != nullptr)
        reader.object(key, "has an effect only with listen.tls: add tls = \"0.0.0.0:7420\" for "
                           "example, or remove this line");
    return;
  }
  reader.text("tls", given.listen);
  if (auto endpoint = canonical_endpoint(given.listen))
    given.listen = *std::move(endpoint);
  else if (std::holds_alternative<std::string>(reader.entry("tls")->value))
    reader.object("tls", fmt::format("is \"{}\", but must be an IP address and a port, such as "
                                     "\"0.0.0.0:7420\" or \"[::]:7420\" for all addresses of this "
                                     "machine",
                                     given.listen));
  for (const auto* key : {"certificate", "key"})
    if (reader.entry(key) == nullptr)
      reader.object("tls", fmt::format("needs listen.{} too: the path of a file in PEM format; "
                                       "pawld --init makes one",
                                       key));
  if (!client_ca.empty())
    given.client_ca = std::move(client_ca);
  config.tls = std::move(given);
}

void read_listen(const toml_table& table, const std::filesystem::path& base,
                 const surroundings& here, server_config& config, problem_list& problems) {
  table_reader reader{table, "listen", problems};
  read_path(reader, "socket", base, default_socket(here), config.socket, problems);
  reader.text("socket_group", config.socket_group);
  if (reader.entry("socket_group") != nullptr && config.socket_group.empty())
    reader.object("socket_group", "is empty: name a group, or remove it for the owner alone");
  read_tls(reader, base, config, problems);
  reader.finish();
  if (config.socket.native().size() <= socket_path_bytes)
    return;
  auto what = fmt::format("is longer than the {} bytes that a socket's path may have: {}",
                          socket_path_bytes, config.socket.native());
  if (table.find("socket") != nullptr)
    reader.object("socket", what);
  else
    problems.add("the default of listen.socket " + what);
}

bool is_domain(std::string_view domain) {
  constexpr std::size_t longest = 253 - 2 * limits::name_bytes - 2; // APP-CLUSTER. before it
  if (domain.empty() || domain.size() > longest || domain.front() == '.' || domain.back() == '.')
    return false;
  return domain.find("..") == std::string_view::npos &&
         std::all_of(domain.begin(), domain.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

void read_trusted_proxies(table_reader& reader, router_settings& router) {
  constexpr auto key = "trusted_proxies";
  std::vector<std::string> given;
  reader.texts(key, given, trusted_proxies_max);
  for (const auto& each : given)
    if (auto network = canonical_network(each))
      router.trusted_proxies.push_back(*std::move(network));
    else
      reader.object(key, fmt::format("has \"{}\" in it, but takes IP addresses, such as "
                                     "\"192.0.2.7\", and networks without the bits of a host, such "
                                     "as \"10.0.0.0/8\"",
                                     each));
}

void read_router(const toml_table& table, router_settings& router, problem_list& problems) {
  table_reader reader{table, "router", problems};
  reader.text("kind", router.kind);
  if (router.kind != "haproxy" && router.kind != "none")
    reader.object("kind",
                  fmt::format("is \"{}\", but must be \"haproxy\" or \"none\"", router.kind));
  reader.text("listen", router.listen);
  if (auto endpoint = canonical_endpoint(router.listen))
    router.listen = *std::move(endpoint);
  else
    reader.object("listen", fmt::format("is \"{}\", but must be an IP address and a port, such as "
                                        "\"127.0.0.1:7480\" for this machine alone, and "
                                        "\"0.0.0.0:80\" or \"[::]:80\" for all",
                                        router.listen));
  reader.text("domain", router.domain);
  if (!is_domain(router.domain))
    reader.object("domain", fmt::format("is \"{}\", but must be a domain in lower case, such as "
                                        "\"apps.example.org\"",
                                        router.domain));
  read_trusted_proxies(reader, router);
  reader.finish();
}

void read_network(const toml_table& table, network_settings& network, problem_list& problems) {
  table_reader reader{table, "network", problems};
  reader.text("range", network.range);
  if (!network_range::parse(network.range))
    reader.object("range", fmt::format("is \"{}\", but must be a private network of 65,536 "
                                       "addresses, such as \"10.213.0.0/16\"",
                                       network.range));
  reader.finish();
}

void read_limits(const toml_table& table, server_limits& limits, problem_list& problems) {
  table_reader reader{table, "limits", problems};
  reader.size("upload_bytes", limits.upload_bytes, limits::kib, upload_bytes_max);
  reader.size("build_disk", limits.build_disk, limits::mib, build_disk_max);
  reader.time("upload_timeout", limits.upload_timeout, 1s, limits::preparing_deadline);
  constexpr std::uint32_t queued_max = 10'000;
  reader.count("queued", limits.queued, 0, queued_max);
  reader.finish();
}

void read_retention(const toml_table& table, retention_settings& retention,
                    problem_list& problems) {
  table_reader reader{table, "retention", problems};
  constexpr std::uint32_t versions_max = 100'000;
  reader.count("versions", retention.versions, 1, versions_max);
  reader.finish();
}

void read_audit(const toml_table& table, audit_settings& audit, problem_list& problems) {
  table_reader reader{table, "audit", problems};
  reader.time("keep", audit.keep, 24h, limits::audit_keep_max);
  reader.finish();
}

} // namespace

result<server_config> read_server_config(std::string_view text,
                                         const std::filesystem::path& base_directory,
                                         const surroundings& here) {
  server_config config;
  problem_list problems;
  auto root = read_toml(text, problems);
  if (!root)
    return problems.to_error();
  table_reader reader{*root, "", problems};
  read_path(reader, "data_dir", base_directory, default_data_directory(here), config.data_dir,
            problems);
  check_data_dir(config, problems);
  const toml_table nothing;
  const auto* listen = reader.table("listen");
  read_listen(listen != nullptr ? std::get<toml_table>(listen->value) : nothing, base_directory,
              here, config, problems);
  if (const auto* router = reader.table("router"))
    read_router(std::get<toml_table>(router->value), config.router, problems);
  config.clusters = read_clusters(reader.table("cluster"), base_directory, problems);
  if (const auto* registries = reader.table("registry"))
    config.registries =
        read_registries(std::get<toml_table>(registries->value), base_directory, problems);
  if (const auto* access = reader.table("access"))
    config.access =
        read_access(std::get<toml_table>(access->value), base_directory, config.clusters, problems);
  if (const auto* network = reader.table("network"))
    read_network(std::get<toml_table>(network->value), config.network, problems);
  if (const auto* limits = reader.table("limits"))
    read_limits(std::get<toml_table>(limits->value), config.limits, problems);
  if (const auto* retention = reader.table("retention"))
    read_retention(std::get<toml_table>(retention->value), config.retention, problems);
  if (const auto* audit = reader.table("audit"))
    read_audit(std::get<toml_table>(audit->value), config.audit, problems);
  reader.finish();
  if (!problems.empty())
    return problems.to_error();
  return config;
}

} // namespace pawl::config
