// HAProxy's routes as values.
#include "routers/haproxy/haproxy_table.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(haproxy_table_test)

namespace {

using namespace pawl;

const lane_key shop{"shop", "local"};

// As HAProxy 2.6 lists them.
const std::string listing =
    "1\n"
    "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state "
    "srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl "
    "srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n"
    "5 s0 1 shop.local.d1.1 127.0.0.1 2 0 1 1 0 1 0 0 6 0 0 0 - 19001 - 0 0 - - 0\n"
    "5 s0 2 shop.local.d1.2 ::1 0 1 1 1 0 1 0 0 14 0 0 0 - 19002 - 0 0 - - 0\n";

haproxy_table with(const haproxy_table& table, const route& to, unsigned slots = 2) {
  auto more = haproxy_with_route(table, "shop.localhost", to, slots);
  BOOST_REQUIRE(more.has_value());
  return *more;
}

} // namespace

BOOST_AUTO_TEST_CASE(listings_are_read) {
  const auto table = haproxy_read(listing, "0x56340a6db010 shop.localhost s0\n");
  BOOST_REQUIRE(table.has_value());
  const haproxy_table expected{{{"s0",
                                 {{"shop.local.d1.1", "127.0.0.1:19001", true, true},
                                  {"shop.local.d1.2", "[::1]:19002", false, false}}}},
                               {{"shop.localhost", "s0"}}};
  BOOST_TEST(*table == expected);
}

BOOST_AUTO_TEST_CASE(a_listing_of_another_kind_is_an_error) {
  for (const auto& servers :
       {std::string{}, std::string{"2\n"}, std::string{"1\n# be_id be_name\n"},
        listing.substr(0, listing.size() - 40)})
    BOOST_TEST(!haproxy_read(servers, ""), servers);
  BOOST_TEST(!haproxy_read(listing, "Unknown map identifier."));
}

BOOST_AUTO_TEST_CASE(each_release_has_a_slot_of_its_own) {
  auto table = with({}, {shop, "d1", {"127.0.0.1:1"}});
  table = with(table, {shop, "d2", {"127.0.0.1:2"}});
  BOOST_TEST(table.hosts.at("shop.localhost") == "s1");
  BOOST_TEST(table.slots.at("s0").front().name == "shop.local.d1.1");
  BOOST_TEST(table.slots.at("s0").front().ready);
  BOOST_TEST(table.slots.at("s1").front().name == "shop.local.d2.1");
  const auto full = haproxy_with_route(table, "shop.localhost", {shop, "d3", {"127.0.0.1:3"}}, 2);
  BOOST_REQUIRE(!full);
  BOOST_TEST(to_string(full.error().code) == "resource_exhausted");
}

BOOST_AUTO_TEST_CASE(a_release_whose_addresses_change_keeps_its_slot) {
  auto table = with({}, {shop, "d1", {"127.0.0.1:1", "127.0.0.1:2"}});
  table = with(table, {shop, "d1", {"127.0.0.1:2", "127.0.0.1:3"}});
  const std::vector<haproxy_server> expected{{"shop.local.d1.1", "127.0.0.1:1", false},
                                             {"shop.local.d1.2", "127.0.0.1:2"},
                                             {"shop.local.d1.3", "127.0.0.1:3"}};
  BOOST_TEST(table.slots.at("s0") == expected);
  BOOST_TEST(haproxy_render_config({"127.0.0.1:80"}, table).find("d1.1 ") == std::string::npos);
  table = with(table, {shop, "d1", {}});
  BOOST_TEST(table.hosts.at("shop.localhost") == haproxy_nowhere);
  BOOST_TEST(haproxy_render_map(table) == "shop.localhost nowhere\n");
}

namespace {

std::string cookie_key(const std::string& server) {
  return "shop.localhost/" + haproxy_cookie(server);
}

} // namespace

BOOST_AUTO_TEST_CASE(the_cookie_of_a_server_tells_nothing_of_it) {
  BOOST_TEST(haproxy_cookie("shop.local.d1.1") == "e73d3441a90707269e4d0d9b96bf2d55");
  BOOST_TEST(haproxy_cookie("shop.local.d1.1") != haproxy_cookie("shop.local.d1.2"));
}

BOOST_AUTO_TEST_CASE(cookies_lead_to_the_servers_of_sticky_releases_alone) {
  const auto plain = with({}, {shop, "d1", {"127.0.0.1:1"}});
  BOOST_TEST(plain.hosts == (haproxy_hosts{{"shop.localhost", "s0"}}));
  const auto sticky = with({}, {shop, "d1", {"127.0.0.1:1", "127.0.0.1:2"}, true});
  BOOST_TEST(sticky.hosts ==
             (haproxy_hosts{{"shop.localhost", "s0"},
                            {cookie_key("shop.local.d1.1"), "s0/shop.local.d1.1"},
                            {cookie_key("shop.local.d1.2"), "s0/shop.local.d1.2"}}));
}

BOOST_AUTO_TEST_CASE(cookies_lead_to_a_release_before_until_its_clients_are_let_go) {
  auto table = with({}, {shop, "d1", {"127.0.0.1:1"}, true});
  table = with(table, {shop, "d2", {"127.0.0.1:2"}, true});
  BOOST_TEST(table.hosts.at("shop.localhost") == "s1");
  BOOST_TEST(table.hosts.at(cookie_key("shop.local.d1.1")) == "s0/shop.local.d1.1");
  BOOST_TEST(table.hosts.at(cookie_key("shop.local.d2.1")) == "s1/shop.local.d2.1");
  table = haproxy_without_cookies(std::move(table), "s0");
  BOOST_TEST(!table.hosts.contains(cookie_key("shop.local.d1.1")));
  BOOST_TEST(table.hosts.contains(cookie_key("shop.local.d2.1")));
}

// Its slot may be another app's by then.
BOOST_AUTO_TEST_CASE(no_cookie_leads_to_a_server_that_is_not_there_or_not_ready) {
  auto table = with({}, {shop, "d1", {"127.0.0.1:1", "127.0.0.1:2"}, true});
  table.hosts[cookie_key("shop.local.d0.1")] = "s1/shop.local.d0.1";
  table = with(table, {shop, "d1", {"127.0.0.1:2"}, true});
  BOOST_TEST(table.hosts == (haproxy_hosts{{"shop.localhost", "s0"},
                                           {cookie_key("shop.local.d1.2"), "s0/shop.local.d1.2"}}));
  table = with(table, {shop, "d1", {}, true});
  BOOST_TEST(table.hosts == (haproxy_hosts{{"shop.localhost", haproxy_nowhere}}));
}

BOOST_AUTO_TEST_SUITE_END()
