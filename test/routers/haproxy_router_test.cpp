// The router with a real HAProxy: where requests go, and that none is lost.
#include "test/routers/haproxy_fixture.hpp"
#include "test/support/print.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <sstream>

using namespace pawl;
using namespace pawl::test;

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

namespace {

// A client sends these lines: those of the head that the app got, in order, without what every
// client sends.
std::vector<std::string> told_to_app(const routed& it, const std::vector<std::string>& said) {
  http_client client("127.0.0.1", it.port);
  for (const auto& line : said)
    client.say(line);
  const auto head = client.get("shop.localhost", "/head");
  BOOST_REQUIRE(head.has_value());
  std::vector<std::string> lines;
  std::istringstream text(head->body);
  for (std::string line; std::getline(text, line);)
    if (line.starts_with("x") || line.starts_with("forwarded"))
      lines.push_back(line.substr(0, line.find('\r')));
  std::sort(lines.begin(), lines.end());
  return lines;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_app_is_told_whom_it_answers_by_the_router_alone) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  // In every spelling that an app may take for the router's.
  auto lines = told_to_app(
      it, {"X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example",
           "X-Request-Id: chosen", "Forwarded: for=6.6.6.6", "X-Real-IP: 6.6.6.6",
           "X-Forwarded-Port: 666", "X_Forwarded_For: 6.6.6.6", "X-Forwarded_Host: evil.example",
           "x.request.id: chosen", "X-Forwarded: 6.6.6.6", "X-Kept: yes"});
  BOOST_REQUIRE_EQUAL(lines.size(), 5U);
  BOOST_TEST(lines[4].starts_with("x-request-id: "), lines[4]);
  BOOST_TEST(lines[4] != "x-request-id: chosen");
  lines.pop_back();
  const std::vector<std::string> expected{"x-forwarded-for: 127.0.0.1",
                                          "x-forwarded-host: shop.localhost",
                                          "x-forwarded-proto: http", "x-kept: yes"};
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_trusted_proxy_says_for_whom_it_asks) {
  const http_server app("one");
  routed it;
  it.options.trusted_proxies = {"192.0.2.0/24", "::1", "127.0.0.0/8"};
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", app)});
  const std::vector<std::string> expected{
      "x-forwarded-for: 127.0.0.1", "x-forwarded-for: 198.51.100.7",
      "x-forwarded-host: shop.example", "x-forwarded-proto: https", "x-request-id: chosen"};
  const auto kept = told_to_app(it, {"X-Forwarded-For: 198.51.100.7", "X-Forwarded-Proto: https",
                                     "X-Forwarded-Host: shop.example", "X-Request-Id: chosen"});
  BOOST_TEST(kept == expected, boost::test_tools::per_element());
  // One that says nothing: as any other client.
  const auto lines = told_to_app(it, {});
  BOOST_REQUIRE_EQUAL(lines.size(), 4U);
  BOOST_TEST(lines[2] == "x-forwarded-proto: http");
}

// Its instances would go down one after another.
BOOST_AUTO_TEST_CASE(a_request_that_an_instance_has_read_is_sent_to_no_other) {
  const http_server a("a");
  const http_server b("b");
  const http_server c("c");
  const routed it;
  it.restore({{shop, "d1", {a.address(), b.address(), c.address()}}});
  http_client client("127.0.0.1", it.port);
  const auto response = client.get("shop.localhost", "/drop");
  BOOST_REQUIRE(response.has_value());
  BOOST_TEST(response->status == 502);
  BOOST_TEST(response->body.starts_with("The instance that was handling this request gave no "),
             response->body);
  BOOST_TEST(a.requests() + b.requests() + c.requests() == 1U);
}

// On a connection that is kept, an app that closes it for being idle would meet some of them.
BOOST_AUTO_TEST_CASE(each_request_has_a_connection_of_its_own_to_the_app) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  http_client client("127.0.0.1", it.port);
  for (int times = 0; times < 2; ++times) {
    const auto head = client.get("shop.localhost", "/head");
    BOOST_REQUIRE(head.has_value());
    BOOST_TEST(head->body.find("\r\nconnection: close\r\n") != std::string::npos, head->body);
  }
}

BOOST_AUTO_TEST_CASE(a_request_that_the_drain_cuts_off_is_told_so) {
  http_server old("old");
  const http_server next("next");
  const routed it;
  it.restore({to(shop, "d1", old)});
  auto slow = std::async(std::launch::async, [&] {
    http_client client("127.0.0.1", it.port);
    const auto response = client.get("shop.localhost", "/slow");
    return response ? fmt::format("{} {}", response->status, response->body) : "lost";
  });
  BOOST_REQUIRE(old.wait_for_slow(1));
  it.switch_to(to(shop, "d2", next));
  it.check(it.router->forget(shop, "d1"));
  const auto told = slow.get();
  BOOST_TEST(told.starts_with("502 The version that was handling this request was stopped"), told);
  BOOST_TEST(next.requests() == 0U);
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
  BOOST_TEST(to_string(refused.error().code) == "invalid_argument");
  const auto left_out = it.router->restore(
      {to({"shop-staging", "local"}, "d1", app), to({"shop", "staging"}, "d2", app)});
  BOOST_REQUIRE(!left_out);
  BOOST_TEST(to_string(left_out.error().code) == "invalid_argument");
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
    BOOST_TEST(to_string(refused.error().code) == "invalid_argument", address);
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
  wait_for_requests(load, 200);
  for (unsigned i = 1; i <= 6; ++i) {
    auto next = std::make_unique<http_server>(std::to_string(i));
    it.switch_to(to(shop, fmt::format("d{}", i), *next));
    wait_for_requests(load, 500);
    wait_for_drain(load);
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
  const routed it(2, 2);
  it.restore({to(shop, "d1", blue)});
  http_client tunnel("127.0.0.1", it.port);
  BOOST_REQUIRE(tunnel.upgrade("shop.localhost", "/chat"));
  it.switch_to(to(shop, "d2", green));
  const auto full = it.router->switch_to(to(shop, "d3", blue));
  BOOST_REQUIRE(!full);
  BOOST_TEST(to_string(full.error().code) == "resource_exhausted");
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

BOOST_AUTO_TEST_CASE(more_lanes_than_slots_make_it_grow_without_a_lost_request) {
  const http_server app("one");
  routed it(4, 64);
  it.restore({to(shop, "d1", app)});
  const auto before = it.pid();
  std::atomic<int> deaths = 0;
  it.router->watch([&] { ++deaths; });
  http_client tunnel("127.0.0.1", it.port);
  BOOST_REQUIRE(tunnel.upgrade("shop.localhost", "/chat"));
  test::http_load load(it.load());
  wait_for_requests(load, 200);
  for (int i = 0; i < 20; ++i)
    it.switch_to(to({fmt::format("app-{}", i), "local"}, fmt::format("d{}", i + 2), app));
  wait_for_requests(load, 200);
  BOOST_TEST(load.finish().lost == 0U);
  BOOST_TEST(it.pid() != before);
  BOOST_TEST(deaths == 0);
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(it.ask(fmt::format("app-{}.localhost", i)) == "200 one");
  BOOST_TEST(it.table().slots.size() == 21U);
  BOOST_TEST(tunnel.echo("still there?").value_or("broken") == "still there?");
  // Another server takes it over as it is.
  const auto grown = it.pid();
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.pid() == grown);
  BOOST_TEST(it.ask("shop.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(a_start_with_more_routes_than_slots_makes_room_for_all) {
  const http_server app("one");
  routed it(2, 16);
  std::vector<route> routes;
  for (int i = 0; i < 7; ++i)
    routes.push_back(to({fmt::format("app-{}", i), "local"}, fmt::format("d{}", i), app));
  it.restore(routes);
  BOOST_TEST(it.ask("app-6.localhost") == "200 one");
  it.kill_9();
  it.restore(routes);
  BOOST_TEST(it.ask("app-0.localhost") == "200 one");
}

BOOST_AUTO_TEST_CASE(the_same_route_again_is_success_and_changes_nothing) {
  const http_server app("one");
  const routed it;
  it.restore({to(shop, "d1", app)});
  const auto before = it.table();
  it.switch_to(to(shop, "d1", app));
  it.restore({to(shop, "d1", app)});
  BOOST_TEST(it.table() == before);
}

BOOST_AUTO_TEST_SUITE_END()
