// The routes of an HAProxy as values: which host leads to which slot, and which servers the slots
// have. Pure: parses HAProxy's listings, and writes its configuration.
//
// A slot is a backend that HAProxy has from its start, empty at first; a release (one deployment of
// a lane) takes one, and each of its instances is a server in it. Only HAProxy remembers that:
// servers are named APP.CLUSTER.DEPLOYMENT.N, so its listing tells which release has a slot.
//
// The clients of a sticky release have a cookie that names their server. It counts only under a
// host of its lane, as the host's map has it, so that no cookie leads to another app; and only as
// long as it is there and the slot has a server that is up. HAProxy has cookies of its own, but not
// for servers that are added at run time.
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
  bool ready = true;   // takes requests; false: in maintenance, to be deleted
  bool up = true;      // HAProxy sends it requests

  friend bool operator==(const haproxy_server&, const haproxy_server&) = default;
};

using haproxy_slots = std::map<std::string, std::vector<haproxy_server>>; // s0, s1, …
// HOST to BACKEND, and for each server of a sticky release HOST/COOKIE to BACKEND/SERVER.
using haproxy_hosts = std::map<std::string, std::string>;

struct haproxy_table {
  haproxy_slots slots; // only those with servers
  haproxy_hosts hosts;

  friend bool operator==(const haproxy_table&, const haproxy_table&) = default;
};

// The configuration's values besides the table.
struct haproxy_settings {
  std::string listen; // IP:PORT
  unsigned slots = 256;
  unsigned connections = 1000;  // at most, at once
  std::string user = {};        // to switch to after the start; empty: stays as it is
  std::string description = {}; // shown by `show info`
  // Addresses and networks (canonical_network()) of proxies whose word on the client is kept.
  std::vector<std::string> trusted_proxies = {};
};

// The value of the cookie for a server: a part of the SHA-256 of its name, so that it tells nobody
// more than that two are the same. The configuration has HAProxy compute it too.
std::string haproxy_cookie(const std::string& server);

// APP.CLUSTER.DEPLOYMENT, with which the names of a release's servers begin.
std::string haproxy_release(const lane_key& lane, const std::string& deployment);

// A name without its last part: APP.CLUSTER.DEPLOYMENT of a server's name, APP.CLUSTER of that.
std::string haproxy_parent(const std::string& name);

// Options of every server, in the configuration and at run time: two failed checks of its port take
// a server down, as one may be chance; one that succeeds brings it back.
inline constexpr const char* haproxy_server_options = "check inter 1s fall 2 rise 1";

// The slot that has servers of the release.
std::optional<std::string> haproxy_slot_of(const haproxy_table& table, const std::string& release);

// A slot without servers; nothing if all are taken.
std::optional<std::string> haproxy_free_slot(const haproxy_table& table, unsigned slots);

// The table in which the host leads to these addresses of the release: existing servers with these
// addresses stay, others of the release are no longer ready, and no cookie leads there. Without
// addresses, the host leads to haproxy_nowhere. resource_exhausted if every slot is taken.
result<haproxy_table> haproxy_with_route(haproxy_table table, const std::string& host,
                                         const route& to, unsigned slots);

// The table in which no cookie leads to servers of the slot.
haproxy_table haproxy_without_cookies(haproxy_table table, const std::string& slot);

// The configuration file, with the ready servers of the table. Paths in it are relative to its
// directory.
std::string haproxy_render_config(const haproxy_settings& settings, const haproxy_table& table);

// The map file, one line for each host.
std::string haproxy_render_map(const haproxy_table& table);

// Parses the answers to `show servers state` and `show map`; data_corruption if that fails.
result<haproxy_slots> haproxy_read_slots(const std::string& servers_state);
result<haproxy_hosts> haproxy_read_hosts(const std::string& map);
result<haproxy_table> haproxy_read(const std::string& servers_state, const std::string& map);

} // namespace pawl
