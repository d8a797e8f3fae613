// The table of a running HAProxy: reads it, and changes it without losing a request.
#pragma once

#include "routers/haproxy/haproxy_admin.hpp"
#include "routers/haproxy/haproxy_table.hpp"

namespace pawl {

// Blocks; one thread at a time. Errors: unavailable, with HAProxy's own words; data_corruption if
// its listings are not understood.
class haproxy_live_table {
public:
  // The admin connection must live as long as this object.
  explicit haproxy_live_table(const haproxy_admin& admin) : admin_(admin) {}

  // The table after these commands, whose answers do not matter.
  result<haproxy_table> read(std::vector<haproxy_command> first = {}) const;

  // Changes the table from `now` to `wanted`, in the order that loses no request: servers are
  // added, hosts change, servers that are not ready are retired. Each step is one exchange with
  // HAProxy. unavailable if a new server does not answer within 5 s; the hosts are as they were
  // then.
  result<void> apply(const haproxy_table& now, const haproxy_table& wanted) const;

  // Servers that are not ready in `wanted` get no new request, and are deleted if they have no
  // connection.
  result<void> retire(const haproxy_table& wanted) const;

  // Deletes the servers that are not ready and have no connection any more; gives the table that is
  // left.
  result<haproxy_table> sweep() const;

private:
  result<void> add_servers(const haproxy_table& now, const haproxy_table& wanted) const;
  result<void> wait_until_up(const haproxy_slots& added, std::vector<haproxy_command> first) const;
  result<void> set_hosts(const haproxy_table& now, const haproxy_table& wanted) const;

  const haproxy_admin& admin_;
};

} // namespace pawl
