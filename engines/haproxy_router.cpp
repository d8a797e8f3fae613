#include "engines/haproxy_router.hpp"

#include "engines/haproxy_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <poll.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto up_timeout = 5s;
constexpr auto forget_timeout = 5s;
constexpr auto stop_grace = 1s;
constexpr int poll_ms = 20; // HAProxy announces no change: it is asked again

// What `show info` must say for a running HAProxy to be ours: FNV-1a of all that a change at run
// time cannot reach. How many connections it takes depends on who starts it, and does not count.
std::string generation(haproxy_settings settings) {
  settings.connections = 0;
  settings.description.clear();
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : haproxy_render_config(settings, {}))
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return fmt::format("pawl-{:016x}", hash);
}

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

haproxy_router::haproxy_router(haproxy_options options)
    : options_(std::move(options)), admin_(options_.directory) {}

std::string haproxy_router::host_of(const lane_key& lane) const {
  if (lane.cluster == options_.first_cluster)
    return fmt::format("{}.{}", lane.app, options_.domain);
  return fmt::format("{}-{}.{}", lane.app, lane.cluster, options_.domain);
}

std::vector<std::string> haproxy_router::urls(const lane_key& lane) const {
  const auto port = options_.listen.substr(options_.listen.rfind(':') + 1);
  return {fmt::format("http://{}{}", host_of(lane), port == "80" ? "" : ":" + port)};
}

haproxy_settings haproxy_router::settings() const {
  haproxy_settings wanted{options_.listen, options_.slots, haproxy_connections(), haproxy_user()};
  wanted.description = generation(wanted);
  return wanted;
}

result<haproxy_table> haproxy_router::read() const {
  const auto servers = admin_.ask("show servers state");
  if (!servers)
    return servers.error();
  const auto map = admin_.ask(fmt::format("show map {}", haproxy_map_name));
  if (!map)
    return map.error();
  return haproxy_read(*servers, *map);
}

result<void> haproxy_router::write_files(const haproxy_table& table) const {
  if (auto done =
          haproxy_replace_file(options_.directory / haproxy_map_name, haproxy_render_map(table));
      !done)
    return done;
  return haproxy_replace_file(options_.directory / haproxy_config_name,
                              haproxy_render_config(settings(), table));
}

// --- what is wanted ------------------------------------------------------------------------------

result<haproxy_table> haproxy_router::with_route(const haproxy_table& table,
                                                 const route& to) const {
  const auto checked = haproxy_check_route(to);
  if (!checked)
    return checked.error();
  const auto host = host_of(to.lane);
  if (const auto at = table.hosts.find(host); at != table.hosts.end())
    if (const auto slot = table.slots.find(at->second); slot != table.slots.end()) {
      const auto owner = haproxy_parent(haproxy_parent(slot->second.front().name));
      if (owner != haproxy_parent(haproxy_release(to.lane, "")))
        return error{errc::invalid_argument,
                     fmt::format("{} is already the address of {} (app.cluster), so {} in {} "
                                 "cannot have it; rename one of them",
                                 host, owner, to.lane.app, to.lane.cluster)};
    }
  return haproxy_with_route(table, host, *checked, options_.slots);
}

haproxy_table haproxy_router::plan(haproxy_table table, const std::vector<route>& routes,
                                   std::optional<error>& left_out) const {
  table.hosts.clear();
  for (auto& [slot, servers] : table.slots)
    for (auto& server : servers)
      server.ready = false;
  for (const auto& to : routes) {
    const auto host = host_of(to.lane);
    auto more = table.hosts.contains(host)
                    ? error{errc::invalid_argument,
                            fmt::format("{} is the address of more than one lane; {} in {} is left "
                                        "out: rename one of them",
                                        host, to.lane.app, to.lane.cluster)}
                    : with_route(table, to);
    if (more)
      table = *std::move(more);
    else if (!left_out)
      left_out = more.error();
  }
  return table;
}

// --- the router's words --------------------------------------------------------------------------

result<void> haproxy_router::restore(const std::vector<route>& routes) {
  if (auto possible = haproxy_check_listen(options_.listen); !possible)
    return possible;
  if (auto made = haproxy_make_directory(options_.directory); !made)
    return made;
  std::optional<error> left_out;
  std::optional<pid_t> predecessor;
  const auto running = admin_.identity();
  if (running && running->description == settings().description) {
    if (auto adopted = adopt(routes, left_out); !adopted)
      return adopted;
  } else {
    if (running)
      predecessor = running->pid;
    else if (const auto stuck = haproxy_find(options_.directory))
      haproxy_end(*stuck, 0ms);
    if (auto started = run(plan({}, routes, left_out), predecessor); !started)
      return started;
  }
  return left_out ? result<void>(*left_out) : result<void>();
}

result<void> haproxy_router::run(const haproxy_table& wanted, std::optional<pid_t> predecessor) {
  if (auto written = write_files(wanted); !written)
    return written;
  const auto program = options_.program.empty() ? haproxy_program() : options_.program;
  if (auto started = haproxy_start(program, options_.directory, predecessor); !started) {
    auto why = std::move(started).error();
    if (why.message.find("Address already in use") != std::string::npos)
      why.message += fmt::format("; another program listens on {}: stop it, or give [router] "
                                 "another address to listen on",
                                 options_.listen);
    return why;
  }
  if (auto followed = follow(); !followed)
    return followed;
  return apply(wanted);
}

result<void> haproxy_router::adopt(const std::vector<route>& routes,
                                   std::optional<error>& left_out) {
  if (auto followed = follow(); !followed)
    return followed;
  const auto now = sweep();
  if (!now)
    return now.error();
  const auto wanted = plan(*now, routes, left_out);
  if (auto written = write_files(wanted); !written)
    return written;
  return apply(wanted);
}

result<void> haproxy_router::follow() {
  const auto before = admin_.identity();
  if (!before)
    return before.error();
  auto process = haproxy_open(before->pid);
  // Asked again: the one that answered first may have died, and its number be another's by now.
  const auto after = admin_.identity();
  if (!after)
    return after.error();
  if (!process || before->pid != after->pid)
    return error{errc::unavailable, "the router (HAProxy) ended just now; it must be restored"};
  watch_.follow(*std::move(process));
  return {};
}

result<void> haproxy_router::switch_to(const route& to) {
  const auto now = sweep();
  if (!now)
    return now.error();
  const auto wanted = with_route(*now, to);
  if (!wanted)
    return wanted.error();
  // Before the switch: a failed write then leaves the traffic as it is.
  if (auto written = write_files(*wanted); !written)
    return written;
  return apply(*wanted);
}

result<void> haproxy_router::forget(const lane_key& lane, const std::string& deployment) {
  auto now = sweep();
  if (!now)
    return now.error();
  const auto release = haproxy_release(lane, deployment);
  const auto slot = haproxy_slot_of(*now, release);
  if (!slot)
    return {};
  for (const auto& [host, backend] : now->hosts)
    if (backend == *slot)
      return error{errc::invalid_argument,
                   fmt::format("the router cannot forget {}: {} still leads there", release, host)};
  for (auto& server : now->slots[*slot])
    server.ready = false;
  if (auto written = write_files(*now); !written)
    return written;
  if (auto retired = retire(*now); !retired)
    return retired;
  const auto servers = now->slots[*slot];
  const deadline until = std::chrono::steady_clock::now() + forget_timeout;
  for (;;) {
    for (const auto& server : servers)
      if (auto told = admin_.ask(fmt::format("shutdown sessions server {}/{}", *slot, server.name));
          !told)
        return told.error();
    const auto left = sweep();
    if (!left)
      return left.error();
    if (haproxy_slot_of(*left, release) != slot)
      return {};
    if (socket_milliseconds(until) == 0)
      return error{errc::timed_out,
                   fmt::format("the router (HAProxy) did not let go of {} within 5s", release)};
    ::poll(nullptr, 0, poll_ms);
  }
}

void haproxy_router::watch(std::function<void()> on_death) {
  watch_.call(std::move(on_death));
}

void haproxy_router::stop() {
  watch_.follow({});
  const auto running = admin_.identity();
  const auto process = running ? haproxy_open(running->pid) : haproxy_find(options_.directory);
  if (process)
    haproxy_end(*process, stop_grace);
  std::error_code ignored; // what stays is replaced at the next start
  std::filesystem::remove(options_.directory / haproxy_socket_name, ignored);
  std::filesystem::remove(options_.directory / haproxy_pid_name, ignored);
}

// --- making HAProxy what is wanted ---------------------------------------------------------------

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
    ::poll(nullptr, 0, poll_ms);
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
