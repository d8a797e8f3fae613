// What HAProxy holds, as values: which host goes to which slot, and which servers are in the slots.
// Pure: reads HAProxy's own listings, and writes its configuration.
//
// A slot is a backend that was there, empty, when HAProxy started; a release (one deployment of a
// lane) takes one, and each of its instances is a server in it. Nothing beside HAProxy remembers
// that: servers are named APP.CLUSTER.DEPLOYMENT.N, so a listing says whose each slot is.
#pragma once

#include "routers/router.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pawl {

inline constexpr const char* haproxy_map_name = "hosts.map";
inline constexpr const char* haproxy_unknown = "unknown"; // backend: no such host, 404
inline constexpr const char* haproxy_nowhere = "nowhere"; // backend: a lane without instances, 503

struct haproxy_server {
  std::string name;
  std::string address; // IP:PORT, [IP]:PORT
  bool ready = true;   // takes requests; false: in maintenance, waits to be deleted
  bool up = true;      // HAProxy sends it requests

  friend bool operator==(const haproxy_server&, const haproxy_server&) = default;
};

using haproxy_slots = std::map<std::string, std::vector<haproxy_server>>; // s0, s1, …
using haproxy_hosts = std::map<std::string, std::string>;                 // host to backend

struct haproxy_table {
  haproxy_slots slots; // only those with servers
  haproxy_hosts hosts;

  friend bool operator==(const haproxy_table&, const haproxy_table&) = default;
};

// What the configuration says besides the table.
struct haproxy_settings {
  std::string listen; // IP:PORT
  unsigned slots = 256;
  unsigned connections = 1000;  // at most, at once
  std::string user = {};        // to become after the start; empty: stays who it is
  std::string description = {}; // shown by `show info`
};

// APP.CLUSTER.DEPLOYMENT, which begins the names of a release's servers.
std::string haproxy_release(const lane_key& lane, const std::string& deployment);

// APP.CLUSTER.DEPLOYMENT of a server's name, and APP.CLUSTER of that.
std::string haproxy_parent(const std::string& name);

// Options of every server, in the configuration and at run time. One failed check of the port may
// be chance, two are not; one that succeeds is enough.
inline constexpr const char* haproxy_server_options = "check inter 1s fall 2 rise 1";

// The slot that holds servers of the release.
std::optional<std::string> haproxy_slot_of(const haproxy_table& table, const std::string& release);

// A slot without servers; nothing if all are taken.
std::optional<std::string> haproxy_free_slot(const haproxy_table& table, unsigned slots);

// The table in which the host leads to these addresses of the release: servers that are there
// already stay as they are, others of the release are no longer ready. No addresses: the host leads
// to haproxy_nowhere. resource_exhausted when every slot is taken.
result<haproxy_table> haproxy_with_route(haproxy_table table, const std::string& host,
                                         const route& to, unsigned slots);

// The configuration file, with the ready servers of the table. Paths in it are relative to the
// directory it stands in.
std::string haproxy_render_config(const haproxy_settings& settings, const haproxy_table& table);

// The map file: a line for each host.
std::string haproxy_render_map(const haproxy_table& table);

// The answers to `show servers state` and `show map`. data_corruption if they are not understood.
result<haproxy_slots> haproxy_read_slots(const std::string& servers_state);
result<haproxy_hosts> haproxy_read_hosts(const std::string& map);
result<haproxy_table> haproxy_read(const std::string& servers_state, const std::string& map);

} // namespace pawl
