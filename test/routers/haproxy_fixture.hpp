// A router with a real HAProxy, before small apps in this process.
#pragma once

#include "routers/haproxy/haproxy_files.hpp"
#include "routers/haproxy/haproxy_router.hpp"
#include "test/support/eventually.hpp"
#include "test/support/http_load.hpp"
#include "test/support/http_server.hpp"
#include "test/support/temporary_directory.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fmt/format.h>
#include <functional>
#include <poll.h>

namespace pawl::test {

using namespace std::chrono_literals;

inline const lane_key shop{"shop", "local"};
inline const lane_key blog{"blog", "local"};

struct routed {
  temporary_directory folder;
  std::uint16_t port = free_port();
  haproxy_options options;
  std::unique_ptr<haproxy_router> router;

  explicit routed(unsigned slots = 16, unsigned slots_most = 16) {
    options.directory = folder.path() / "router";
    options.listen = fmt::format("127.0.0.1:{}", port);
    options.slots = slots;
    options.slots_most = slots_most;
    router = std::make_unique<haproxy_router>(options);
  }
  ~routed() { router->stop(); }

  void restore(const std::vector<route>& routes) const { check(router->restore(routes)); }
  void switch_to(const route& to) const { check(router->switch_to(to)); }
  static void check(const result<void>& done) {
    BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
  }

  // "STATUS BODY", or "lost".
  std::string ask(const std::string& host) const {
    http_client client("127.0.0.1", port);
    const auto response = client.get(host, "/");
    return response ? fmt::format("{} {}", response->status, response->body) : "lost";
  }
  pid_t pid() const {
    const auto found = haproxy_admin(options.directory).identity();
    BOOST_REQUIRE(found.has_value());
    return found->pid;
  }
  haproxy_table table() const {
    const haproxy_admin admin(options.directory);
    auto read = haproxy_read(*admin.ask("show servers state"), *admin.ask("show map hosts.map"));
    BOOST_REQUIRE(read.has_value());
    return *read;
  }
  load_plan load() const { return {http_url{"127.0.0.1", port, "/"}, "shop.localhost", 8, "", 0}; }
  void kill_9() const {
    const auto process = haproxy_open(pid());
    ::kill(process->pid, SIGKILL);
    BOOST_REQUIRE(socket_wait(process->pidfd, POLLIN, std::chrono::steady_clock::now() + 5s));
  }
};

inline route to(const lane_key& lane, const std::string& deployment, const http_server& app) {
  return {lane, deployment, {app.address()}};
}

// So that switches meet a load that runs, and not one that has yet to begin.
inline void wait_for_requests(const http_load& load, std::uint64_t more) {
  const auto goal = load.so_far() + more;
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (load.so_far() < goal && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  BOOST_REQUIRE_GE(load.so_far(), goal);
}

// The drain after a switch: on a busy machine one client may still wait for the old app's answer
// while the others have had hundreds from the new one.
inline void wait_for_drain(const http_load& load) {
  const auto before = load.of_each_client();
  BOOST_REQUIRE(eventually([&] {
    const auto now = load.of_each_client();
    return std::equal(before.begin(), before.end(), now.begin(), std::less{});
  }));
}

} // namespace pawl::test
