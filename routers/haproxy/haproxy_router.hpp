// The router of kind "haproxy": an HAProxy of pawld's own, which goes on when pawld ends or dies.
//
// What it serves is held by HAProxy itself, and read back from it before every change; the files in
// the directory say the same, for its next start. A switch is one `set map` on its socket.
#pragma once

#include "routers/haproxy/haproxy_admin.hpp"
#include "routers/haproxy/haproxy_process.hpp"
#include "routers/haproxy/haproxy_table.hpp"
#include "routers/router.hpp"

#include <filesystem>

namespace pawl {

struct haproxy_options {
  std::filesystem::path directory;       // absolute; made with mode 0700; for this router alone
  std::string listen = "127.0.0.1:7480"; // IP:PORT
  std::string domain = "localhost";
  std::string first_cluster = "local"; // its apps have no cluster in their host names
  std::filesystem::path program = {};  // default: haproxy in PATH, else /usr/sbin/haproxy
  unsigned slots = 256;                // releases that can be there at once, old ones in drain too
  unsigned slots_most = 16'384;        // to which they are doubled when all are taken
};

class haproxy_router : public router {
public:
  // Starts nothing yet.
  explicit haproxy_router(haproxy_options options);

  // Leaves HAProxy running.
  ~haproxy_router() override = default;

  // Adopts the HAProxy that runs on the directory and changes only what differs. One that was
  // started with other options is replaced by a new one, which takes over its listening sockets.
  // A lane that cannot be routed is left out, and is the error after all others have been made
  // right: as switch_to() says it.
  result<void> restore(const std::vector<route>& routes) override;

  // New servers are usable before the switch. Fails: unavailable; invalid_argument if the lane's
  // host name belongs to another lane, or an address is not IP:PORT; resource_exhausted if all
  // slots are taken, and there are slots_most. Nothing has changed for requests then.
  result<void> switch_to(const route& to) override;

  // Ends the connections that the release still has, and frees its slot. invalid_argument if the
  // lane's requests still go to it; timed_out if HAProxy does not let go of it within 5 s: the next
  // call of any kind tries again.
  result<void> forget(const lane_key& lane, const std::string& deployment) override;

  std::vector<std::string> urls(const lane_key& lane) const override;

  // `on_death` must not call the router, nor wait for a thread that does.
  void watch(std::function<void()> on_death) override;

  void stop() override;

private:
  std::string host_of(const lane_key& lane) const;
  haproxy_settings settings() const;

  // The table with one route more, or changed; and the one with exactly these routes, in which what
  // serves no route is no longer ready. `left_out` becomes the first error of a route that the
  // table cannot have.
  result<haproxy_table> with_route(const haproxy_table& table, const route& to) const;
  haproxy_table plan(haproxy_table table, const std::vector<route>& routes,
                     std::optional<error>& left_out);

  // with_route(), with more slots in slots_ where they do not suffice.
  result<haproxy_table> make_room(const haproxy_table& table, const route& to);
  result<void> make(const haproxy_table& now, const haproxy_table& wanted, unsigned slots_before);
  result<void> grow(const haproxy_table& wanted);

  result<void> run(const haproxy_table& wanted, std::optional<pid_t> predecessor);
  result<void> adopt(const std::vector<route>& routes, std::optional<error>& left_out);
  result<void> follow();

  // What HAProxy holds, after these commands, whose answers do not matter.
  result<haproxy_table> read(std::vector<haproxy_command> first = {}) const;
  result<void> write_files(const haproxy_table& table) const;

  // Makes HAProxy, which holds `now`, what `wanted` says, in the order that loses no request:
  // servers come, hosts change, servers go. Each is one exchange with HAProxy.
  result<void> apply(const haproxy_table& now, const haproxy_table& wanted) const;
  result<void> add_servers(const haproxy_table& now, const haproxy_table& wanted) const;
  result<void> wait_until_up(const haproxy_slots& added, std::vector<haproxy_command> first) const;
  result<void> set_hosts(const haproxy_table& now, const haproxy_table& wanted) const;
  result<void> retire(const haproxy_table& wanted) const; // what is not ready gets no new request

  // Deletes the servers that are not ready and have no connection any more; what there is then.
  result<haproxy_table> sweep() const;

  haproxy_options options_;
  std::string user_; // see haproxy_user()
  unsigned slots_;   // of the HAProxy that runs, or of the one that is to
  haproxy_admin admin_;
  haproxy_watch watch_;
};

} // namespace pawl
