// The router of kind "haproxy": an HAProxy of pawld's own, which keeps running when pawld ends or
// dies.
//
// HAProxy itself holds the routes; they are read back from it before every change. The files in the
// directory have the same routes, for its next start. A switch is one `set map` on its socket.
#pragma once

#include "routers/haproxy/haproxy_admin.hpp"
#include "routers/haproxy/haproxy_live_table.hpp"
#include "routers/haproxy/haproxy_process.hpp"
#include "routers/haproxy/haproxy_table.hpp"
#include "routers/router.hpp"

#include <filesystem>

namespace pawl {

struct haproxy_options {
  std::filesystem::path directory;       // absolute; created with mode 0700; for this router alone
  std::string listen = "127.0.0.1:7480"; // IP:PORT
  std::string domain = "localhost";
  std::vector<std::string> trusted_proxies = {}; // as haproxy_settings has them
  std::string first_cluster = "local";           // its apps have no cluster in their host names
  std::filesystem::path program = {};            // default: haproxy in PATH, else /usr/sbin/haproxy
  unsigned slots = 256;                          // releases at once, with old ones that are drained
  unsigned slots_most = 16'384;                  // slots are doubled up to this when all are taken
};

class haproxy_router : public router {
public:
  // Starts nothing yet.
  explicit haproxy_router(haproxy_options options);

  // Leaves HAProxy running.
  ~haproxy_router() override = default;

  // Adopts the HAProxy that runs on the directory and changes only what differs. One that was
  // started with other options is replaced by a new one, which takes over its listening sockets.
  // A lane that cannot be routed is left out; its error, as switch_to() gives it, is returned after
  // all other routes were set.
  result<void> restore(const std::vector<route>& routes) override;

  // New servers are usable before the switch. Fails, without a change for requests: unavailable;
  // invalid_argument if the lane's host name belongs to another lane, or an address is not IP:PORT;
  // resource_exhausted if all slots are taken and there are slots_most of them.
  result<void> switch_to(const route& to) override;

  result<void> let_clients_go(const lane_key& lane, const std::string& deployment) override;

  // Ends the release's remaining connections and frees its slot. invalid_argument if the lane's
  // requests still go to it; timed_out if HAProxy does not delete its servers within 5 s: the next
  // call of any kind tries again.
  bool is_running() const override;
  result<void> forget(const lane_key& lane, const std::string& deployment) override;

  std::vector<std::string> hosts(const lane_key& lane) const override;
  std::vector<std::string> urls(const lane_key& lane) const override;

  // `on_death` must not call the router, nor wait for a thread that does.
  void watch(std::function<void()> on_death) override;

  void stop() override;

private:
  std::string host_of(const lane_key& lane) const;
  haproxy_settings settings() const;

  // The table with this route added or changed.
  result<haproxy_table> with_route(const haproxy_table& table, const route& to) const;

  // The table with exactly these routes; servers of other releases are no longer ready. `left_out`
  // becomes the error of the first route that the table cannot have.
  haproxy_table plan(haproxy_table table, const std::vector<route>& routes,
                     std::optional<error>& left_out);

  // with_route(), after slots_ was raised if there are too few.
  result<haproxy_table> make_room(const haproxy_table& table, const route& to);
  result<void> make(const haproxy_table& now, const haproxy_table& wanted, unsigned slots_before);
  result<void> grow(const haproxy_table& wanted);

  result<void> run(const haproxy_table& wanted, std::optional<pid_t> predecessor);
  result<void> adopt(const std::vector<route>& routes, std::optional<error>& left_out);
  result<void> follow();

  result<void> write_files(const haproxy_table& table) const;

  haproxy_options options_;
  std::string user_; // see haproxy_user()
  unsigned slots_;   // of the HAProxy that runs or will run
  haproxy_admin admin_;
  haproxy_live_table live_{admin_};
  haproxy_watch watch_;
};

} // namespace pawl
