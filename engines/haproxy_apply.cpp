// Makes a running HAProxy what is wanted: the part of the router that speaks its commands.
#include "engines/haproxy_router.hpp"

#include <fmt/format.h>
#include <poll.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto up_timeout = 5s;

const haproxy_server* find_server(const haproxy_table& table, const std::string& slot,
                                  const std::string& name) {
  const auto found = table.slots.find(slot);
  if (found == table.slots.end())
    return nullptr;
  for (const auto& server : found->second)
    if (server.name == name)
      return &server;
  return nullptr;
}

} // namespace

result<void> haproxy_router::apply(const haproxy_table& wanted) const {
  const auto now = read();
  if (!now)
    return now.error();
  if (auto ready = add_servers(*now, wanted); !ready)
    return ready;
  for (const auto& [host, backend] : wanted.hosts)
    if (auto set = set_host(*now, host, backend); !set)
      return set;
  for (const auto& [host, backend] : now->hosts)
    if (!wanted.hosts.contains(host))
      if (auto gone = admin_.tell(fmt::format("del map {} {}", haproxy_map_name, host)); !gone)
        return gone;
  if (auto retired = retire(wanted); !retired)
    return retired;
  const auto after = sweep();
  if (!after)
    return after.error();
  if (after->hosts != wanted.hosts)
    return error{errc::unavailable,
                 "the router (HAProxy) did not take the routes that it was given"};
  return {};
}

result<void> haproxy_router::set_host(const haproxy_table& now, const std::string& host,
                                      const std::string& backend) const {
  const auto there = now.hosts.find(host);
  if (there == now.hosts.end())
    return admin_.tell(fmt::format("add map {} {} {}", haproxy_map_name, host, backend));
  if (there->second == backend)
    return {};
  return admin_.tell(fmt::format("set map {} {} {}", haproxy_map_name, host, backend));
}

result<void> haproxy_router::add_servers(const haproxy_table& now,
                                         const haproxy_table& wanted) const {
  haproxy_table added;
  for (const auto& [slot, servers] : wanted.slots)
    for (const auto& server : servers) {
      const auto* there = find_server(now, slot, server.name);
      if (!server.ready || (there != nullptr && there->ready))
        continue;
      const auto path = fmt::format("{}/{}", slot, server.name);
      if (there == nullptr) {
        // It answers "New server registered."; whether it is there is read back below.
        auto told = admin_.ask(
            fmt::format("add server {} {} {}", path, server.address, haproxy_server_options));
        if (!told)
          return std::move(told).error();
      }
      for (const auto* enable : {"enable health", "enable server"})
        if (auto told = admin_.tell(fmt::format("{} {}", enable, path)); !told)
          return told;
      added.slots[slot].push_back(server);
    }
  return wait_until_up(added);
}

result<void> haproxy_router::wait_until_up(const haproxy_table& added) const {
  const deadline until = std::chrono::steady_clock::now() + up_timeout;
  for (;;) {
    const auto now = added.slots.empty() ? haproxy_table{} : read();
    if (!now)
      return now.error();
    std::string missing;
    for (const auto& [slot, servers] : added.slots)
      for (const auto& server : servers)
        if (const auto* there = find_server(*now, slot, server.name);
            there == nullptr || !there->up)
          missing += fmt::format(" {} ({})", server.name, server.address);
    if (missing.empty())
      return {};
    if (socket_milliseconds(until) == 0)
      return error{errc::unavailable,
                   fmt::format("the router (HAProxy) does not reach these instances:{}", missing)};
    ::poll(nullptr, 0, haproxy_poll_ms);
  }
}

result<void> haproxy_router::retire(const haproxy_table& wanted) const {
  for (const auto& [slot, servers] : wanted.slots)
    for (const auto& server : servers)
      if (!server.ready) {
        // Not there any more is as good: the answer does not matter, the next listing does.
        auto told = admin_.ask(fmt::format("set server {}/{} state maint", slot, server.name));
        if (!told)
          return std::move(told).error();
      }
  return {};
}

result<haproxy_table> haproxy_router::sweep() const {
  auto now = read();
  if (!now)
    return now;
  bool asked = false;
  for (const auto& [slot, servers] : now->slots)
    for (const auto& server : servers)
      if (!server.ready) {
        // Refused while the server has connections: a later sweep succeeds.
        auto told = admin_.ask(fmt::format("del server {}/{}", slot, server.name));
        if (!told)
          return std::move(told).error();
        asked = true;
      }
  return asked ? read() : now;
}

} // namespace pawl
