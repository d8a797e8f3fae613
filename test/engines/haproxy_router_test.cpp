// The router with a real HAProxy before small apps in this process.
#include "engines/haproxy_router.hpp"

#include "engines/haproxy_files.hpp"

#include "test/support/http_load.hpp"
#include "test/support/http_server.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <future>
#include <poll.h>
#include <sys/stat.h>

namespace {

using namespace pawl;
using namespace std::chrono_literals;
using test::http_client;
using test::http_server;

const lane_key shop{"shop", "local"};
const lane_key blog{"blog", "local"};

struct routed {
  test::temporary_directory folder;
  std::uint16_t port = test::free_port();
  haproxy_options options;
  std::unique_ptr<haproxy_router> router;

  explicit routed(unsigned slots = 16) {
    options.directory = folder.path() / "router";
    options.listen = fmt::format("127.0.0.1:{}", port);
    options.slots = slots;
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
  test::load_plan load() const {
    return {test::http_url{"127.0.0.1", port, "/"}, "shop.localhost", 8, "", 0};
  }
  void kill_9() const {
    const auto process = haproxy_open(pid());
    ::kill(process->pid, SIGKILL);
    BOOST_REQUIRE(socket_wait(process->pidfd, POLLIN, std::chrono::steady_clock::now() + 5s));
  }
};

route to(const lane_key& lane, const std::string& deployment, const http_server& app) {
  return {lane, deployment, {app.address()}};
}

// So that switches meet a load that runs, and not one that has yet to begin.
void wait_for_requests(const test::http_load& load, std::uint64_t more) {
  const auto goal = load.so_far() + more;
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (load.so_far() < goal && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  BOOST_REQUIRE_GE(load.so_far(), goal);
}

} // namespace

BOOST_AUTO_TEST_SUITE(haproxy_router_test)

BOOST_AUTO_TEST_CASE(an_unknown_host_is_404_and_a_lane_without_instances_503) {
  const routed it;
  it.restore({{shop, "d1", {}}});
  BOOST_TEST(it.ask("nobody.localhost") == "404 No app answers under this name.\n");
  BOOST_TEST(it.ask("shop.localhost") == "503 The app has no instance that answers.\n");
}

BOOST_AUTO_TEST_CASE(a_lane_whose_instances_are_all_down_is_503) {
  const routed it;
  const auto nobody = fmt::format("127.0.0.1:{}", test::free_port());
  it.restore({{shop, "d1", {nobody}}});
  BOOST_TEST(it.ask("shop.localhost") == "503 The app has no instance that answers.\n");
}

BOOST_AUTO_TEST_CASE(a_host_is_known_in_any_case_with_its_port_and_a_final_dot) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  for (const auto* host :
       {"shop.localhost", "SHOP.localhost", "shop.localhost:7480", "shop.localhost."})
    BOOST_TEST(it.ask(host) == "200 one", host);
}

BOOST_AUTO_TEST_CASE(an_app_is_told_whom_it_answers) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  http_client client("127.0.0.1", it.port);
  const auto head = client.get("shop.localhost", "/head");
  BOOST_REQUIRE(head.has_value());
  BOOST_TEST(head->body.find("x-forwarded-for: 127.0.0.1") != std::string::npos, head->body);
  BOOST_TEST(head->body.find("x-forwarded-proto: http\r\n") != std::string::npos, head->body);
}

BOOST_AUTO_TEST_CASE(urls_leave_out_the_first_cluster_and_port_80) {
  haproxy_options options;
  options.directory = "/nowhere";
  const haproxy_router local(options);
  BOOST_TEST(local.urls(shop).front() == "http://shop.localhost:7480");
  BOOST_TEST(local.urls({"shop", "staging"}).front() == "http://shop-staging.localhost:7480");
  options.listen = "127.0.0.1:80";
  BOOST_TEST(haproxy_router(options).urls(shop).front() == "http://shop.localhost");
}

BOOST_AUTO_TEST_CASE(two_lanes_cannot_have_one_host) {
  const http_server app("one");
  const routed it;
  it.restore({to({"shop-staging", "local"}, "d1", app)});
  const auto refused = it.router->switch_to(to({"shop", "staging"}, "d2", app));
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::invalid_argument));
  const auto left_out = it.router->restore(
      {to({"shop-staging", "local"}, "d1", app), to({"shop", "staging"}, "d2", app)});
  BOOST_REQUIRE(!left_out);
  BOOST_TEST((left_out.error().code == errc::invalid_argument));
  BOOST_TEST(it.ask("shop-staging.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(what_is_no_address_or_name_is_refused) {
  const routed it;
  it.restore({});
  for (const auto* address :
       {"", "localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:1; show info",
        "127.0.0.1:80\nshow info", "[::1:80", "1.2.3:80"}) {
    const auto refused = it.router->switch_to({shop, "d1", {address}});
    BOOST_REQUIRE_MESSAGE(!refused, address);
    BOOST_TEST((refused.error().code == errc::invalid_argument), address);
  }
  BOOST_TEST(!it.router->switch_to({{"Shop", "local"}, "d1", {}}));
  BOOST_TEST(!it.router->switch_to({shop, "d1;", {}}));
}

BOOST_AUTO_TEST_CASE(twenty_switches_under_load_lose_nothing) {
  const http_server blue("blue");
  const http_server green("green");
  const routed it(32);
  it.restore({to(shop, "d0", blue)});
  test::http_load load(it.load());
  for (unsigned i = 1; i <= 20; ++i) {
    wait_for_requests(load, 200);
    it.switch_to(to(shop, fmt::format("d{}", i), i % 2 == 1 ? green : blue));
    BOOST_TEST(it.ask("shop.localhost") == (i % 2 == 1 ? "200 green" : "200 blue"));
  }
  const auto report = load.finish();
  BOOST_TEST_MESSAGE(report.requests << " requests, p99 " << report.percentile_ms(0.99)
                                     << " ms, max " << report.percentile_ms(1) << " ms");
  BOOST_TEST(report.lost == 0U);
  BOOST_TEST(report.by_body.size() == 2U);
  BOOST_TEST(report.requests >= 4000U);
}

BOOST_AUTO_TEST_CASE(six_generations_whose_old_apps_stop_lose_nothing) {
  auto old = std::make_unique<http_server>("0");
  const routed it(4);
  it.restore({to(shop, "d0", *old)});
  test::http_load load(it.load());
  for (unsigned i = 1; i <= 6; ++i) {
    auto next = std::make_unique<http_server>(std::to_string(i));
    it.switch_to(to(shop, fmt::format("d{}", i), *next));
    wait_for_requests(load, 500); // the drain
    it.check(it.router->forget(shop, fmt::format("d{}", i - 1)));
    old->stop();
    old = std::move(next);
  }
  wait_for_requests(load, 500);
  const auto report = load.finish();
  BOOST_TEST(report.lost == 0U);
  BOOST_TEST(report.by_body.size() == 7U);
  BOOST_TEST(it.table().slots.size() == 1U);
}

BOOST_AUTO_TEST_CASE(slow_requests_and_tunnels_stay_where_they_are) {
  http_server blue("blue");
  const http_server green("green");
  const routed it;
  it.restore({to(shop, "d1", blue)});
  http_client tunnel("127.0.0.1", it.port);
  BOOST_REQUIRE(tunnel.upgrade("shop.localhost", "/chat"));
  std::vector<std::future<std::string>> slow;
  for (int i = 0; i < 4; ++i)
    slow.push_back(std::async(std::launch::async, [&] {
      http_client client("127.0.0.1", it.port);
      const auto response = client.get("shop.localhost", "/slow");
      return response ? response->body : "lost";
    }));
  BOOST_REQUIRE(blue.wait_for_slow(4));
  it.switch_to(to(shop, "d2", green));
  BOOST_TEST(it.ask("shop.localhost") == "200 green");
  BOOST_TEST(tunnel.echo("still there").value_or("broken") == "still there");
  it.restore({to(shop, "d2", green)}); // as a pawld that was killed and started again
  BOOST_TEST(tunnel.echo("and now").value_or("broken") == "and now");
  blue.release_slow();
  for (auto& one : slow)
    BOOST_TEST(one.get() == "blue");
}

BOOST_AUTO_TEST_CASE(forgetting_cuts_what_is_left_and_frees_the_slot) {
  http_server blue("blue");
  const http_server green("green");
  const routed it(2);
  it.restore({to(shop, "d1", blue)});
  http_client tunnel("127.0.0.1", it.port);
  BOOST_REQUIRE(tunnel.upgrade("shop.localhost", "/chat"));
  it.switch_to(to(shop, "d2", green));
  const auto full = it.router->switch_to(to(shop, "d3", blue));
  BOOST_REQUIRE(!full);
  BOOST_TEST((full.error().code == errc::resource_exhausted));
  BOOST_TEST(it.ask("shop.localhost") == "200 green");
  it.check(it.router->forget(shop, "d1"));
  BOOST_TEST(!tunnel.echo("anybody?").has_value());
  BOOST_TEST(it.table().slots.size() == 1U);
  it.check(it.router->forget(shop, "d1"));
  it.switch_to(to(shop, "d3", blue));
  BOOST_TEST(it.ask("shop.localhost") == "200 blue");
  BOOST_TEST(!it.router->forget(shop, "d3"));
}

BOOST_AUTO_TEST_CASE(instances_of_one_release_come_and_go) {
  const http_server a("a");
  const http_server b("b");
  const routed it;
  it.restore({to(shop, "d1", a)});
  it.switch_to({shop, "d1", {a.address(), b.address()}});
  BOOST_TEST(it.table().slots.at("s0").size() == 2U);
  it.switch_to(to(shop, "d1", b));
  BOOST_TEST(it.ask("shop.localhost") == "200 b");
  it.switch_to({shop, "d1", {}});
  BOOST_TEST(it.ask("shop.localhost") == "503 The app has no instance that answers.\n");
  it.switch_to(to(shop, "d1", a));
  BOOST_TEST(it.ask("shop.localhost") == "200 a");
}

BOOST_AUTO_TEST_CASE(the_same_route_again_is_success_and_changes_nothing) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.table();
  it.switch_to(to(shop, "d1", app));
  it.restore({to(shop, "d1", app)});
  BOOST_TEST((it.table() == before));
}

BOOST_AUTO_TEST_CASE(a_killed_haproxy_is_announced_and_restored) {
  const http_server one("one");
  const http_server two("two");
  const routed it;
  const std::vector<route> routes{to(shop, "d1", one), to(blog, "d2", two)};
  it.restore(routes);
  for (int round = 0; round < 2; ++round) {
    std::promise<void> died;
    it.router->watch([&] { died.set_value(); });
    it.kill_9();
    BOOST_REQUIRE((died.get_future().wait_for(10s) == std::future_status::ready));
    it.restore(routes);
    BOOST_TEST(it.ask("shop.localhost") == "200 one");
    BOOST_TEST(it.ask("blog.localhost") == "200 two");
  }
}

BOOST_AUTO_TEST_CASE(a_new_router_adopts_the_running_haproxy_and_changes_what_differs) {
  const http_server one("one");
  const http_server two("two");
  routed it;
  it.restore({to(shop, "d1", one), to(blog, "d2", one)});
  const auto before = it.pid();
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", one), to({"news", "local"}, "d3", two)});
  BOOST_TEST(it.pid() == before);
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
  BOOST_TEST(it.ask("news.localhost") == "200 two");
  BOOST_TEST(it.ask("blog.localhost").substr(0, 3) == "404");
  BOOST_TEST(it.table().slots.size() == 2U);
  std::promise<void> died;
  it.router->watch([&] { died.set_value(); });
  it.kill_9();
  BOOST_TEST((died.get_future().wait_for(10s) == std::future_status::ready));
}

BOOST_AUTO_TEST_CASE(other_options_replace_the_haproxy_without_a_lost_request) {
  const http_server app("one");
  routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.pid();
  test::http_load load(it.load());
  wait_for_requests(load, 200);
  it.options.slots = 32;
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.pid() != before);
  wait_for_requests(load, 200);
  BOOST_TEST(load.finish().lost == 0U);
}

BOOST_AUTO_TEST_CASE(the_files_begin_with_the_last_state) {
  const http_server one("one");
  const http_server two("two");
  const routed it;
  it.restore({to(shop, "d1", one)});
  it.switch_to(to(shop, "d2", two));
  it.kill_9();
  routed::check(haproxy_start(haproxy_program(), it.options.directory, {}));
  BOOST_TEST(it.ask("shop.localhost") == "200 two");
}

BOOST_AUTO_TEST_CASE(an_haproxy_whose_socket_is_gone_is_replaced) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.pid();
  std::filesystem::remove(it.options.directory / haproxy_socket_name);
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.pid() != before);
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(an_haproxy_that_hangs_is_replaced) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.pid();
  ::kill(before, SIGSTOP);
  const auto refused = it.router->switch_to(to(shop, "d2", app));
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::unavailable));
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.pid() != before);
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_named) {
  const http_server other("other");
  routed it;
  it.options.listen = other.address();
  it.router = std::make_unique<haproxy_router>(it.options);
  const auto refused = it.router->restore({});
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::unavailable));
  BOOST_TEST(refused.error().message.find(other.address()) != std::string::npos);
  BOOST_TEST(refused.error().message.find("Address already in use") != std::string::npos);
  BOOST_TEST_MESSAGE(refused.error().message);
}

BOOST_AUTO_TEST_CASE(a_second_haproxy_does_not_share_the_port) {
  const routed it;
  it.restore({});
  routed second;
  second.options.listen = it.options.listen;
  second.router = std::make_unique<haproxy_router>(second.options);
  BOOST_TEST(!second.router->restore({}));
}

BOOST_AUTO_TEST_CASE(a_missing_program_is_named) {
  routed it;
  it.options.program = "/nowhere/haproxy";
  it.router = std::make_unique<haproxy_router>(it.options);
  const auto refused = it.router->restore({});
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message.find("/nowhere/haproxy") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_directory_may_be_deep_and_have_a_space) {
  const http_server app("one");
  routed it;
  it.options.directory = it.folder.path() / std::string(120, 'd') / "a b";
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(only_its_owner_may_command_it) {
  const routed it;
  it.restore({});
  struct stat socket {};
  struct stat folder {};
  BOOST_REQUIRE_EQUAL(::stat((it.options.directory / haproxy_socket_name).c_str(), &socket), 0);
  BOOST_REQUIRE_EQUAL(::stat(it.options.directory.c_str(), &folder), 0);
  BOOST_TEST((socket.st_mode & 0777U) == 0600U);
  BOOST_TEST((folder.st_mode & 0777U) == 0700U);
}

BOOST_AUTO_TEST_CASE(it_has_a_session_of_its_own_and_no_file_of_ours) {
  const routed it;
  const int ours = ::dup(0); // not closed on exec, as a careless library's
  it.restore({});
  BOOST_TEST(::getsid(it.pid()) != ::getsid(0));
  for (const auto& file :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", it.pid()))) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(file.path(), gone).string();
    BOOST_TEST((gone || target.starts_with("/dev/null") || target.starts_with("socket:") ||
                target.starts_with("pipe:") || target.starts_with("anon_inode:")),
               target);
  }
  ::close(ours);
}

BOOST_AUTO_TEST_SUITE_END()
