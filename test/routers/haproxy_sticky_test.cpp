// Sticky routes with a real HAProxy: a client's requests find the same instance, by a cookie.
#include "test/routers/haproxy_fixture.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <set>

using namespace pawl;
using namespace pawl::test;

namespace {

// A browser: keeps the cookie of the last answer.
class sticky_client {
public:
  explicit sticky_client(const routed& it, std::string cookie = {})
      : it_(it), cookie_(std::move(cookie)) {}

  // The body of the answer; or its status, if that is not 200.
  std::string ask(const std::string& host = "shop.localhost") {
    http_client client("127.0.0.1", it_.port);
    if (!cookie_.empty())
      client.say("Cookie: theme=dark; " + cookie_);
    const auto got = client.get(host, "/");
    BOOST_REQUIRE(got.has_value());
    const std::string_view header = "set-cookie: ";
    was_given_one_ = false;
    if (const auto at = got->headers.find(header); at != std::string::npos) {
      const auto value = got->headers.substr(at + header.size());
      was_given_one_ = true;
      cookie_ = value.substr(0, value.find(';'));
      BOOST_TEST(value.substr(0, value.find('\r')).ends_with("; Path=/; HttpOnly"), value);
      BOOST_TEST(got->headers.find("cache-control: private") != std::string::npos);
    }
    return got->status == 200 ? got->body : std::to_string(got->status);
  }

  bool was_given_one() const { return was_given_one_; }
  const std::string& cookie() const { return cookie_; }

private:
  const routed& it_;
  std::string cookie_; // NAME=VALUE
  bool was_given_one_ = false;
};

route sticky(const lane_key& lane, const std::string& deployment,
             const std::vector<const http_server*>& apps) {
  route to{lane, deployment, {}, true};
  for (const auto* app : apps)
    to.addresses.push_back(app->address());
  return to;
}

} // namespace

BOOST_AUTO_TEST_SUITE(haproxy_sticky_test)

BOOST_AUTO_TEST_CASE(each_client_of_a_sticky_route_has_an_instance) {
  const http_server a("a");
  const http_server b("b");
  const routed it;
  it.restore({sticky(shop, "d1", {&a, &b})});
  std::set<std::string> found;
  for (int clients = 0; clients < 4; ++clients) {
    sticky_client one(it);
    const auto first = one.ask();
    BOOST_TEST(one.was_given_one());
    found.insert(first);
    for (int times = 0; times < 3; ++times) {
      BOOST_TEST(one.ask() == first);
      BOOST_TEST(!one.was_given_one());
    }
  }
  BOOST_TEST(found == (std::set<std::string>{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_routes_give_no_cookie) {
  const http_server a("a");
  const routed it;
  it.restore({to(shop, "d1", a)});
  sticky_client one(it);
  BOOST_TEST(one.ask() == "a");
  BOOST_TEST(!one.was_given_one());
}

BOOST_AUTO_TEST_CASE(a_client_keeps_its_instance_over_a_switch_until_it_is_let_go) {
  const http_server a("a");
  const http_server b("b");
  const routed it;
  it.restore({sticky(shop, "d1", {&a})});
  sticky_client old(it);
  BOOST_TEST(old.ask() == "a");
  it.switch_to(sticky(shop, "d2", {&b}));
  BOOST_TEST(sticky_client(it).ask() == "b");
  BOOST_TEST(old.ask() == "a");
  routed::check(it.router->let_clients_go(shop, "d1"));
  BOOST_TEST(old.ask() == "b");
  BOOST_TEST(old.was_given_one());
  routed::check(it.router->forget(shop, "d1"));
  BOOST_TEST(old.ask() == "b");
  BOOST_TEST(!old.was_given_one());
}

BOOST_AUTO_TEST_CASE(a_client_whose_instance_has_ended_is_given_another) {
  http_server a("a");
  const http_server b("b");
  const routed it;
  it.restore({sticky(shop, "d1", {&a})});
  sticky_client old(it);
  BOOST_TEST(old.ask() == "a");
  it.switch_to(sticky(shop, "d2", {&b}));
  a.stop();
  BOOST_TEST(eventually_seen([&] { return old.ask(); }, std::string{"b"}) == "b");
  sticky_client other(it, old.cookie());
  it.switch_to(sticky(shop, "d2", {}));
  BOOST_TEST(other.ask() == "503");
}

// It is no secret: who knows it could ask without it as well.
BOOST_AUTO_TEST_CASE(a_cookie_leads_to_no_other_lane) {
  const http_server a("a");
  const http_server b("b");
  const http_server c("c");
  const routed it;
  it.restore({sticky(shop, "d1", {&a, &b}), sticky(blog, "d2", {&c})});
  sticky_client of_blog(it);
  BOOST_TEST(of_blog.ask("blog.localhost") == "c");
  const auto slot = it.table().hosts.at("blog.localhost");
  for (const auto& cookie :
       {of_blog.cookie(), "pawl_instance=" + slot, "pawl_instance=" + slot + "/blog.local.d2.1",
        std::string{"pawl_instance="}, "pawl_instance=" + std::string(3000, 'x')}) {
    sticky_client forger(it, cookie);
    const auto answer = forger.ask();
    BOOST_TEST((answer == "a" || answer == "b"), cookie << " gives " << answer);
    BOOST_TEST(forger.was_given_one());
  }
  BOOST_TEST(sticky_client(it, of_blog.cookie()).ask("nobody.localhost") == "404");
  // A host that imitates an entry of the map.
  const auto value = of_blog.cookie().substr(of_blog.cookie().find('=') + 1);
  BOOST_TEST(sticky_client(it).ask("blog.localhost/" + value) == "404");
}

BOOST_AUTO_TEST_CASE(clients_keep_their_instances_over_restarts_of_the_server_and_of_the_router) {
  const http_server a("a");
  const http_server b("b");
  routed it;
  const std::vector routes{sticky(shop, "d1", {&a, &b})};
  it.restore(routes);
  sticky_client one(it);
  const auto first = one.ask();
  it.router = std::make_unique<haproxy_router>(it.options);
  it.restore(routes);
  BOOST_TEST(one.ask() == first);
  BOOST_TEST(!one.was_given_one());
  it.kill_9();
  it.restore(routes);
  BOOST_TEST(one.ask() == first);
  BOOST_TEST(!one.was_given_one());
}

BOOST_AUTO_TEST_SUITE_END()
