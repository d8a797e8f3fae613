#include "routers/haproxy/haproxy_table.hpp"

#include "posix/digest.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sstream>

namespace pawl {

namespace {

// The variables are kept with the request: when it fails, its head is gone.
constexpr std::string_view frontend_text = R"(
frontend web
  bind {listen}
  # Only a trusted proxy says on whose behalf it asks. HAProxy writes names in lower case; apps that
  # see names as CGI does cannot tell X_Forwarded_For from X-Forwarded-For.
{trusted}  http-request del-header ^x[^a-z0-9]forwarded$ -m reg unless trusted
  http-request del-header ^x[^a-z0-9]forwarded[^a-z0-9] -m reg unless trusted
  http-request del-header ^x[^a-z0-9]real[^a-z0-9]ip$ -m reg unless trusted
  http-request del-header ^x[^a-z0-9]request[^a-z0-9]id$ -m reg unless trusted
  http-request del-header forwarded unless trusted
  acl has_proto req.hdr(X-Forwarded-Proto) -m found
  acl has_host req.hdr(X-Forwarded-Host) -m found
  acl has_id req.hdr(X-Request-Id) -m found
  http-request add-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http unless has_proto
  http-request set-header X-Forwarded-Host %[req.hdr(host)] unless has_host
  http-request set-header X-Request-Id %[uuid] unless has_id
  http-request set-var(txn.host) req.hdr(host),host_only,rtrim(.),lower
  http-request set-var(txn.slot) var(txn.host),map({map},{unknown})
  # A client of a sticky release goes on with its instance, also when the host leads to a later one.
  http-request set-var(txn.cookie) req.cook({cookie})
  http-request set-var(txn.kept) var(txn.host),concat(/,txn.cookie),map({map})
  acl kept_is_up var(txn.kept),field(1,/),nbsrv gt 0
  http-request set-var(txn.slot) var(txn.kept),field(1,/) if kept_is_up
  http-request set-var(txn.server) var(txn.kept),field(2,/) if kept_is_up
  http-response set-var(txn.own) srv_name,sha2(256),hex,lower,bytes(0,{cookie_digits})
  acl sticky var(txn.host),concat(/,txn.own),map({map}) -m found
  acl known var(txn.own),strcmp(txn.cookie) eq 0
  http-response add-header Set-Cookie "{cookie}=%[var(txn.own)]; Path=/; HttpOnly" if sticky !known
  http-response add-header Cache-Control private if sticky !known
  use_backend %[var(txn.slot)]
  default_backend {unknown}

backend {unknown}
  http-request return status 404 content-type text/plain string "No app answers under this name.\n"

backend {nowhere}
)";

constexpr std::string_view global_text =
    R"(# Written by pawld, and overwritten by it: changes here are lost.
global
  description {description}
  stats socket unix@router.sock mode 600 level admin expose-fd listeners
  stats timeout 30s
  # Without it a second HAProxy of the same user would share the port in silence.
  noreuseport
  maxconn {connections}
  hard-stop-after 10m
{user}
defaults
  mode http
  timeout connect 5s
  timeout client 10m
  timeout server 10m
  timeout queue 10s
  timeout tunnel 24h
  timeout http-request 15s
  timeout http-keep-alive 60s
  # A request goes to one instance only, unless no connection to it could be made. So no request may
  # meet a connection that an app closes for being idle: each has a connection of its own.
  retries 3
  retry-on conn-failure
  option redispatch 1
  option http-server-close
  # A predecessor that ends closes a connection with a response only, never between two requests.
  option idle-close-on-response
  http-error status 503 content-type text/plain string "The app has no instance that answers.\n"
  http-error status 504 content-type text/plain string "{late}\n"
  http-error status 502 content-type text/plain lf-string "{unanswered}\n"
)";

// In each slot. A server that is down is passed over.
constexpr std::string_view slot_text =
    "  use-server %[var(txn.server)] if { var(txn.server) -m found }\n";

constexpr std::string_view cookie_name = "pawl_instance";
constexpr std::size_t cookie_digits = 32;

constexpr std::string_view late_text =
    "The app did not answer in time. The request may have been carried out.";
constexpr std::string_view drained_text =
    "The version that was handling this request was stopped, as the time to finish it (its drain) "
    "was over. The request may have been carried out in part. Try again.";
constexpr std::string_view ended_text =
    "The instance that was handling this request gave no valid answer: it ended, closed the "
    "connection, or does not speak HTTP. The request may have been carried out in part.";

// The column of a listing's header; npos if it has none of that name.
std::size_t column(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::string::npos
                               : static_cast<std::size_t>(found - header.begin());
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> found;
  for (std::string word; stream >> word;)
    found.push_back(word);
  return found;
}

error not_understood(const std::string& line) {
  return {errc::data_corruption,
          fmt::format("the router's (HAProxy's) listing is not understood: \"{}\"", line)};
}

// One line each, as HAProxy limits the words of a line. Without any, the condition never holds.
std::string trusted_lines(const std::vector<std::string>& proxies) {
  std::string text;
  for (const auto& proxy : proxies)
    text += fmt::format("  acl trusted src {}\n", proxy);
  return text.empty() ? "  acl trusted always_false\n" : text;
}

// The host leads elsewhere by now if the drain of the request's version is over.
std::string unanswered_text() {
  return fmt::format("%[var(txn.host),map({},{}),strcmp(txn.slot),bool,iif('{}','{}')]",
                     haproxy_map_name, haproxy_unknown, drained_text, ended_text);
}

// The number after which the release's next server is named.
unsigned last_number(const std::vector<haproxy_server>& servers) {
  unsigned last = 0;
  for (const auto& server : servers) {
    unsigned number = 0;
    const auto digits = server.name.substr(server.name.rfind('.') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    last = std::max(last, number);
  }
  return last;
}

// Cookies that lead to what is no ready server of the table lead nowhere.
void drop_lost_cookies(haproxy_table& table) {
  std::erase_if(table.hosts, [&](const auto& entry) {
    if (entry.first.find('/') == std::string::npos)
      return false;
    const auto& place = entry.second;
    const auto slash = place.find('/');
    const auto slot = table.slots.find(place.substr(0, slash));
    return slot == table.slots.end() || slash == std::string::npos ||
           std::none_of(slot->second.begin(), slot->second.end(), [&](const auto& server) {
             return server.ready && server.name == place.substr(slash + 1);
           });
  });
}

} // namespace

std::string haproxy_cookie(const std::string& server) {
  constexpr auto algorithm = std::string_view{"sha256:"}.size();
  digest name;
  name.add(server);
  return name.text().substr(algorithm, cookie_digits);
}

std::string haproxy_release(const lane_key& lane, const std::string& deployment) {
  return fmt::format("{}.{}.{}", lane.app, lane.cluster, deployment);
}

std::string haproxy_parent(const std::string& name) {
  return name.substr(0, name.rfind('.'));
}

std::optional<std::string> haproxy_slot_of(const haproxy_table& table, const std::string& release) {
  for (const auto& [slot, servers] : table.slots)
    if (!servers.empty() && haproxy_parent(servers.front().name) == release)
      return slot;
  return std::nullopt;
}

std::optional<std::string> haproxy_free_slot(const haproxy_table& table, unsigned slots) {
  for (unsigned i = 0; i < slots; ++i)
    if (auto slot = fmt::format("s{}", i); !table.slots.contains(slot))
      return slot;
  return std::nullopt;
}

haproxy_table haproxy_without_cookies(haproxy_table table, const std::string& slot) {
  std::erase_if(table.hosts,
                [&](const auto& entry) { return entry.second.starts_with(slot + "/"); });
  return table;
}

result<haproxy_table> haproxy_with_route(haproxy_table table, const std::string& host,
                                         const route& to, unsigned slots) {
  const auto release = haproxy_release(to.lane, to.deployment);
  auto slot = haproxy_slot_of(table, release);
  if (slot)
    for (auto& server : table.slots[*slot])
      server.ready =
          std::find(to.addresses.begin(), to.addresses.end(), server.address) != to.addresses.end();
  if (to.addresses.empty()) {
    table.hosts[host] = haproxy_nowhere;
    drop_lost_cookies(table);
    return table;
  }
  if (!slot)
    slot = haproxy_free_slot(table, slots);
  if (!slot)
    return error{errc::resource_exhausted,
                 fmt::format("all {} slots of the router are taken: {} cannot be released; wait "
                             "until earlier releases have drained, or stop apps",
                             slots, release)};
  auto& servers = table.slots[*slot];
  for (const auto& address : to.addresses)
    if (std::none_of(servers.begin(), servers.end(),
                     [&](const auto& server) { return server.address == address; }))
      servers.push_back({fmt::format("{}.{}", release, last_number(servers) + 1), address});
  table.hosts[host] = *slot;
  if (to.sticky)
    for (const auto& server : servers)
      table.hosts[fmt::format("{}/{}", host, haproxy_cookie(server.name))] =
          fmt::format("{}/{}", *slot, server.name);
  drop_lost_cookies(table);
  return table;
}

std::string haproxy_render_config(const haproxy_settings& settings, const haproxy_table& table) {
  const auto user = settings.user.empty() ? std::string{}
                                          : fmt::format("  user {0}\n  group {0}\n", settings.user);
  auto text = fmt::format(fmt::runtime(global_text), fmt::arg("description", settings.description),
                          fmt::arg("connections", settings.connections), fmt::arg("user", user),
                          fmt::arg("late", late_text), fmt::arg("unanswered", unanswered_text()));
  text += fmt::format(fmt::runtime(frontend_text), fmt::arg("listen", settings.listen),
                      fmt::arg("trusted", trusted_lines(settings.trusted_proxies)),
                      fmt::arg("map", haproxy_map_name), fmt::arg("unknown", haproxy_unknown),
                      fmt::arg("nowhere", haproxy_nowhere), fmt::arg("cookie", cookie_name),
                      fmt::arg("cookie_digits", cookie_digits));
  for (unsigned i = 0; i < settings.slots; ++i) {
    const auto slot = fmt::format("s{}", i);
    text += fmt::format("backend {}\n{}", slot, slot_text);
    const auto found = table.slots.find(slot);
    if (found == table.slots.end())
      continue;
    for (const auto& server : found->second)
      if (server.ready)
        text +=
            fmt::format("  server {} {} {}\n", server.name, server.address, haproxy_server_options);
  }
  return text;
}

std::string haproxy_render_map(const haproxy_table& table) {
  std::string text;
  for (const auto& [host, backend] : table.hosts)
    text += fmt::format("{} {}\n", host, backend);
  return text;
}

result<haproxy_slots> haproxy_read_slots(const std::string& servers_state) {
  haproxy_slots slots;
  std::istringstream lines(servers_state);
  std::string line;
  std::getline(lines, line);
  if (line != "1" || !std::getline(lines, line) || !line.starts_with("# "))
    return not_understood(line);
  const auto header = words(line.substr(2));
  const auto backend = column(header, "be_name");
  const auto name = column(header, "srv_name");
  const auto ip = column(header, "srv_addr");
  const auto port = column(header, "srv_port");
  const auto running = column(header, "srv_op_state");
  const auto admin = column(header, "srv_admin_state");
  const auto last = std::max({backend, name, ip, port, running, admin});
  if (last == std::string::npos)
    return not_understood(line);
  while (std::getline(lines, line)) {
    const auto cells = words(line);
    if (cells.empty())
      continue;
    if (cells.size() <= last)
      return not_understood(line);
    const bool v6 = cells[ip].find(':') != std::string::npos;
    slots[cells[backend]].push_back(
        {cells[name],
         fmt::format("{}{}{}:{}", v6 ? "[" : "", cells[ip], v6 ? "]" : "", cells[port]),
         cells[admin] == "0", cells[running] == "2"});
  }
  return slots;
}

result<haproxy_hosts> haproxy_read_hosts(const std::string& map) {
  haproxy_hosts hosts;
  std::istringstream lines(map);
  for (std::string line; std::getline(lines, line);) {
    const auto cells = words(line); // an address in memory, the key, the value
    if (cells.empty())
      continue;
    if (cells.size() != 3 || !cells[0].starts_with("0x"))
      return not_understood(line);
    hosts[cells[1]] = cells[2];
  }
  return hosts;
}

result<haproxy_table> haproxy_read(const std::string& servers_state, const std::string& map) {
  auto slots = haproxy_read_slots(servers_state);
  if (!slots)
    return std::move(slots).error();
  auto hosts = haproxy_read_hosts(map);
  if (!hosts)
    return std::move(hosts).error();
  return haproxy_table{*std::move(slots), *std::move(hosts)};
}

} // namespace pawl
