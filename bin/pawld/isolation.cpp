#include "bin/pawld/isolation.hpp"

#include <charconv>

namespace pawl {

namespace {

// Isolated sandboxes are as other machines to it. They have no IPv6.
std::optional<public_endpoint> endpoint_for_others(const config::router_settings& router) {
  const auto colon = router.listen.rfind(':');
  auto host = router.listen.substr(0, colon);
  if (host == "0.0.0.0" || host == "[::]")
    host.clear();
  if (router.kind == "none" || host.starts_with("127.") || host.starts_with('['))
    return std::nullopt;
  std::uint16_t port = 0;
  std::from_chars(router.listen.data() + colon + 1, router.listen.data() + router.listen.size(),
                  port);
  return public_endpoint{std::move(host), port};
}

} // namespace

isolated_network_config isolation_of(const config::server_config& settings) {
  isolated_network_config isolation;
  isolation.range = settings.network.range;
  for (const auto& cluster : settings.clusters)
    if (cluster.network == cluster_network::isolated)
      isolation.clusters[cluster.name] = cluster.host_ports;
  isolation.router = endpoint_for_others(settings.router);
  return isolation;
}

} // namespace pawl
