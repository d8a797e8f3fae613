#include "routers/haproxy/haproxy_live_table.hpp"

#include <fmt/format.h>
#include <poll.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto up_timeout = 5s;

haproxy_command show_hosts() {
  return {fmt::format("show map {}", haproxy_map_name)};
}

const haproxy_server* find_server(const haproxy_slots& slots, const std::string& slot,
                                  const std::string& name) {
  const auto found = slots.find(slot);
  if (found == slots.end())
    return nullptr;
  for (const auto& server : found->second)
    if (server.name == name)
      return &server;
  return nullptr;
}

} // namespace

result<haproxy_table> haproxy_live_table::read(std::vector<haproxy_command> first) const {
  first.push_back({"show servers state"});
  first.push_back(show_hosts());
  const auto answers = admin_.ask_each(first);
  if (!answers)
    return answers.error();
  return haproxy_read(answers->end()[-2], answers->back());
}

result<void> haproxy_live_table::apply(const haproxy_table& now,
                                       const haproxy_table& wanted) const {
  if (auto ready = add_servers(now, wanted); !ready)
    return ready;
  if (auto set = set_hosts(now, wanted); !set)
    return set;
  return retire(wanted);
}

result<void> haproxy_live_table::set_hosts(const haproxy_table& now,
                                           const haproxy_table& wanted) const {
  std::vector<haproxy_command> commands;
  for (const auto& [host, backend] : wanted.hosts) {
    const auto there = now.hosts.find(host);
    if (there == now.hosts.end() || there->second != backend)
      commands.push_back({fmt::format("{} map {} {} {}", there == now.hosts.end() ? "add" : "set",
                                      haproxy_map_name, host, backend),
                          true});
  }
  for (const auto& [host, backend] : now.hosts)
    if (!wanted.hosts.contains(host))
      commands.push_back({fmt::format("del map {} {}", haproxy_map_name, host), true});
  commands.push_back(show_hosts());
  const auto answers = admin_.ask_each(commands);
  if (!answers)
    return answers.error();
  const auto after = haproxy_read_hosts(answers->back());
  if (!after)
    return after.error();
  if (*after != wanted.hosts)
    return error{errc::unavailable,
                 "the router (HAProxy) did not take the routes that it was given"};
  return {};
}

result<void> haproxy_live_table::add_servers(const haproxy_table& now,
                                             const haproxy_table& wanted) const {
  haproxy_slots added;
  std::vector<haproxy_command> commands;
  for (const auto& [slot, servers] : wanted.slots)
    for (const auto& server : servers) {
      const auto* there = find_server(now.slots, slot, server.name);
      if (!server.ready || (there != nullptr && there->ready))
        continue;
      const auto path = fmt::format("{}/{}", slot, server.name);
      // Its answer, "New server registered.", is not checked: the listing below is.
      if (there == nullptr)
        commands.push_back(
            {fmt::format("add server {} {} {}", path, server.address, haproxy_server_options)});
      for (const auto* enable : {"enable health", "enable server"})
        commands.push_back({fmt::format("{} {}", enable, path), true});
      added[slot].push_back(server);
    }
  return added.empty() ? result<void>() : wait_until_up(added, std::move(commands));
}

result<void> haproxy_live_table::wait_until_up(const haproxy_slots& added,
                                               std::vector<haproxy_command> first) const {
  const deadline until = std::chrono::steady_clock::now() + up_timeout;
  // Only the slot that a switch fills, if it is one; each listing has a header.
  const haproxy_command listing{"show servers state" +
                                (added.size() == 1 ? " " + added.begin()->first : std::string{})};
  first.push_back(listing);
  for (;; first = {listing}) {
    const auto answers = admin_.ask_each(first);
    if (!answers)
      return answers.error();
    const auto now = haproxy_read_slots(answers->back());
    if (!now)
      return now.error();
    std::string missing;
    for (const auto& [slot, servers] : added)
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

result<void> haproxy_live_table::retire(const haproxy_table& wanted) const {
  // The answers do not matter: a server may be gone already, and one that has connections is not
  // deleted yet. A later listing tells.
  std::vector<haproxy_command> commands;
  for (const auto& [slot, servers] : wanted.slots)
    for (const auto& server : servers)
      if (!server.ready) {
        const auto path = fmt::format("{}/{}", slot, server.name);
        // This one is refused, but it waits until no thread of HAProxy works on a request. A thread
        // that the kernel stopped after it had read the map still finds the server ready.
        if (commands.empty())
          commands.push_back({fmt::format("del server {}", path)});
        commands.push_back({fmt::format("set server {} state maint", path)});
        commands.push_back({fmt::format("del server {}", path)});
      }
  if (commands.empty())
    return {};
  const auto told = admin_.ask_each(commands);
  return told ? result<void>() : told.error();
}

result<haproxy_table> haproxy_live_table::sweep() const {
  auto now = read();
  if (!now)
    return now;
  std::vector<haproxy_command> commands;
  for (const auto& [slot, servers] : now->slots)
    for (const auto& server : servers)
      if (!server.ready) // refused while it has connections: a later sweep succeeds
        commands.push_back({fmt::format("del server {}/{}", slot, server.name)});
  return commands.empty() ? now : read(std::move(commands));
}

} // namespace pawl
