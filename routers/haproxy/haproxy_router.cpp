#include "routers/haproxy/haproxy_router.hpp"

#include "routers/haproxy/haproxy_files.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <poll.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto forget_timeout = 5s;
constexpr auto stop_grace = 1s;

// The description of an HAProxy with these settings, which `show info` gives: FNV-1a of all
// settings that cannot be changed at run time, and the number of slots. The number of connections
// depends on the process that starts it, and does not count.
std::string generation(haproxy_settings settings) {
  const auto slots = std::exchange(settings.slots, 1U); // all are alike
  settings.connections = 0;
  settings.description.clear();
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : haproxy_render_config(settings, {}))
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return fmt::format("pawl-{:016x}-{}", hash, slots);
}

// The slots of an HAProxy with this description; nothing if it has other settings.
std::optional<unsigned> slots_of(const std::string& description, haproxy_settings settings) {
  unsigned slots = 0;
  const auto* end = description.data() + description.size();
  std::from_chars(description.data() + description.rfind('-') + 1, end, slots);
  settings.slots = slots;
  return slots > 0 && generation(settings) == description ? std::optional(slots) : std::nullopt;
}

} // namespace

haproxy_router::haproxy_router(haproxy_options options)
    : options_(std::move(options)), user_(haproxy_user()), slots_(options_.slots),
      admin_(options_.directory) {}

std::string haproxy_router::host_of(const lane_key& lane) const {
  if (lane.cluster == options_.first_cluster)
    return fmt::format("{}.{}", lane.app, options_.domain);
  return fmt::format("{}-{}.{}", lane.app, lane.cluster, options_.domain);
}

std::vector<std::string> haproxy_router::hosts(const lane_key& lane) const {
  return {host_of(lane)};
}

std::vector<std::string> haproxy_router::urls(const lane_key& lane) const {
  const auto port = options_.listen.substr(options_.listen.rfind(':') + 1);
  return {fmt::format("http://{}{}", host_of(lane), port == "80" ? "" : ":" + port)};
}

haproxy_settings haproxy_router::settings() const {
  haproxy_settings wanted{options_.listen, slots_, haproxy_connections(), user_};
  wanted.trusted_proxies = options_.trusted_proxies;
  wanted.description = generation(wanted);
  return wanted;
}

result<void> haproxy_router::write_files(const haproxy_table& table) const {
  if (auto done =
          haproxy_replace_file(options_.directory / haproxy_map_name, haproxy_render_map(table));
      !done)
    return done;
  return haproxy_replace_file(options_.directory / haproxy_config_name,
                              haproxy_render_config(settings(), table));
}

// --- the wanted table ----------------------------------------------------------------------------

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
  return haproxy_with_route(table, host, *checked, slots_);
}

result<haproxy_table> haproxy_router::make_room(const haproxy_table& table, const route& to) {
  for (;; slots_ *= 2) {
    auto more = with_route(table, to);
    if (more || more.error().code != errc::resource_exhausted || slots_ * 2 > options_.slots_most)
      return more;
  }
}

haproxy_table haproxy_router::plan(haproxy_table table, const std::vector<route>& routes,
                                   std::optional<error>& left_out) {
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
                    : make_room(table, to);
    if (more)
      table = *std::move(more);
    else if (!left_out)
      left_out = more.error();
  }
  return table;
}

// --- the router's calls --------------------------------------------------------------------------

result<void> haproxy_router::restore(const std::vector<route>& routes) {
  if (auto possible = haproxy_check_listen(options_.listen); !possible)
    return possible;
  if (auto made = haproxy_make_directory(options_.directory); !made)
    return made;
  std::optional<error> left_out;
  std::optional<pid_t> predecessor;
  const auto running = admin_.identity();
  const auto theirs = running ? slots_of(running->description, settings()) : std::nullopt;
  if (theirs && *theirs >= options_.slots) {
    slots_ = *theirs;
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
  if (predecessor)
    if (auto alone = haproxy_wait_for_takeover(options_.directory, *predecessor); !alone)
      return alone;
  if (auto followed = follow(); !followed)
    return followed;
  const auto now = live_.read();
  return now ? live_.apply(*now, wanted) : now.error();
}

result<void> haproxy_router::adopt(const std::vector<route>& routes,
                                   std::optional<error>& left_out) {
  if (auto followed = follow(); !followed)
    return followed;
  const auto now = live_.sweep();
  if (!now)
    return now.error();
  const auto before = slots_;
  return make(*now, plan(*now, routes, left_out), before);
}

result<void> haproxy_router::follow() {
  const auto before = admin_.identity();
  if (!before)
    return before.error();
  auto process = haproxy_open(before->pid);
  // Asked again: the process that answered first may have died, and its pid may be another's now.
  const auto after = admin_.identity();
  if (!after)
    return after.error();
  if (!process || before->pid != after->pid)
    return error{errc::unavailable, "the router (HAProxy) ended just now; it must be restored"};
  watch_.follow(*std::move(process));
  return {};
}

result<void> haproxy_router::switch_to(const route& to) {
  const auto now = live_.sweep();
  if (!now)
    return now.error();
  const auto before = slots_;
  const auto wanted = make_room(*now, to);
  if (!wanted) {
    slots_ = before;
    return wanted.error();
  }
  return make(*now, *wanted, before);
}

// HAProxy gets more slots only from its configuration: a second one starts with the wanted table
// and takes over the listening sockets, and the first finishes its requests.
result<void> haproxy_router::make(const haproxy_table& now, const haproxy_table& wanted,
                                  unsigned slots_before) {
  if (slots_ != slots_before) {
    auto grown = grow(wanted);
    if (!grown)
      slots_ = slots_before;
    return grown;
  }
  // Before the switch: a failed write then leaves the traffic as it is.
  if (auto written = write_files(wanted); !written)
    return written;
  return live_.apply(now, wanted);
}

result<void> haproxy_router::grow(const haproxy_table& wanted) {
  const auto running = admin_.identity();
  if (!running)
    return running.error();
  watch_.follow({}); // its end is not a death
  auto grown = run(wanted, running->pid);
  if (grown)
    return {};
  // The HAProxy that runs now is watched again; if there is none, the restore() that follows this
  // error starts one.
  [[maybe_unused]] auto followed = follow();
  return grown;
}

bool haproxy_router::is_running() const {
  return haproxy_find(options_.directory).has_value();
}

result<void> haproxy_router::let_clients_go(const lane_key& lane, const std::string& deployment) {
  const auto now = live_.sweep();
  if (!now)
    return now.error();
  const auto slot = haproxy_slot_of(*now, haproxy_release(lane, deployment));
  if (!slot)
    return {};
  return make(*now, haproxy_without_cookies(*now, *slot), slots_);
}

result<void> haproxy_router::forget(const lane_key& lane, const std::string& deployment) {
  const auto now = live_.sweep();
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
  auto wanted = haproxy_without_cookies(*now, *slot);
  for (auto& server : wanted.slots[*slot])
    server.ready = false;
  // On a full disk the file keeps servers that no host leads to, until the next change.
  [[maybe_unused]] auto written = write_files(wanted);
  std::vector<haproxy_command> shutdowns;
  for (const auto& server : wanted.slots[*slot])
    shutdowns.push_back({fmt::format("shutdown sessions server {}/{}", *slot, server.name)});
  const deadline until = std::chrono::steady_clock::now() + forget_timeout;
  if (auto retired = live_.apply(*now, wanted); !retired)
    return retired;
  for (;;) {
    if (const auto told = admin_.ask_each(shutdowns); !told)
      return told.error();
    const auto left = live_.sweep();
    if (!left)
      return left.error();
    if (haproxy_slot_of(*left, release) != slot)
      return {};
    if (socket_milliseconds(until) == 0)
      return error{errc::timed_out,
                   fmt::format("the router (HAProxy) did not remove {} within 5s", release)};
    ::poll(nullptr, 0, haproxy_poll_ms);
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

} // namespace pawl
