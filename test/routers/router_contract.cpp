#include "test/routers/router_contract.hpp"

#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>

namespace pawl::test {

// Named, as unity builds put several contracts into one file.
namespace router_cases {

const lane_key shop{"shop", "local"};
const lane_key blog{"blog", "local"};

void require(const result<void>& done) {
  BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message));
}

route to(router_site& site, const lane_key& lane, const std::string& deployment,
         const std::string& app) {
  return {lane, deployment, {site.app(app)}};
}

void its_routes_are_those_that_were_restored(router_site& site) {
  require(site.router().restore({to(site, shop, "d1", "a"), to(site, blog, "d2", "b")}));
  BOOST_TEST(site.ask(shop) == "a");
  BOOST_TEST(site.ask(blog) == "b");
  require(site.router().restore({to(site, shop, "d1", "a")}));
  BOOST_TEST(site.ask(shop) == "a");
  BOOST_TEST(site.ask(blog) == "404");
}

void calls_can_be_repeated(router_site& site) {
  const std::vector routes{to(site, shop, "d1", "a")};
  for (int times = 0; times < 2; ++times)
    require(site.router().restore(routes));
  const auto next = to(site, shop, "d2", "b");
  for (int times = 0; times < 2; ++times)
    require(site.router().switch_to(next));
  for (int times = 0; times < 2; ++times)
    require(site.router().let_clients_go(shop, "d1"));
  require(site.router().let_clients_go(shop, "never-routed"));
  for (int times = 0; times < 2; ++times)
    require(site.router().forget(shop, "d1"));
  require(site.router().forget(shop, "never-routed"));
}

void a_switch_leads_to_the_new_instances_and_leaves_other_lanes(router_site& site) {
  require(site.router().restore({to(site, shop, "d1", "a"), to(site, blog, "d2", "b")}));
  require(site.router().switch_to(to(site, shop, "d3", "c")));
  BOOST_TEST(site.ask(shop) == "c");
  BOOST_TEST(site.ask(blog) == "b");
}

void a_switch_makes_a_route_where_there_was_none(router_site& site) {
  require(site.router().restore({}));
  BOOST_TEST(site.ask(shop) == "404");
  require(site.router().switch_to(to(site, shop, "d1", "a")));
  BOOST_TEST(site.ask(shop) == "a");
}

void a_route_without_addresses_answers_503(router_site& site) {
  require(site.router().restore({{shop, "d1", {}}}));
  BOOST_TEST(site.ask(shop) == "503");
  require(site.router().switch_to(to(site, shop, "d1", "a")));
  BOOST_TEST(site.ask(shop) == "a");
  require(site.router().switch_to({shop, "d1", {}}));
  BOOST_TEST(site.ask(shop) == "503");
}

void forgetting_an_earlier_deployment_leaves_the_route(router_site& site) {
  require(site.router().restore({to(site, shop, "d1", "a")}));
  require(site.router().switch_to(to(site, shop, "d2", "b")));
  require(site.router().forget(shop, "d1"));
  BOOST_TEST(site.ask(shop) == "b");
}

void letting_clients_go_leaves_the_route(router_site& site) {
  auto first = to(site, shop, "d1", "a");
  first.sticky = true;
  require(site.router().restore({first}));
  require(site.router().let_clients_go(shop, "d1"));
  BOOST_TEST(site.ask(shop) == "a");
  require(site.router().switch_to(to(site, shop, "d2", "b")));
  require(site.router().let_clients_go(shop, "d1"));
  BOOST_TEST(site.ask(shop) == "b");
}

void a_deployment_that_has_the_route_is_not_forgotten(router_site& site) {
  require(site.router().restore({to(site, shop, "d1", "a")}));
  BOOST_TEST(!site.router().forget(shop, "d1"));
  BOOST_TEST(site.ask(shop) == "a");
}

void routes_outlive_the_server(router_site& site) {
  require(site.router().restore({to(site, shop, "d1", "a")}));
  require(site.router().switch_to(to(site, shop, "d2", "b")));
  site.restart();
  BOOST_TEST(site.ask(shop) == "b");
  require(site.router().restore({to(site, shop, "d2", "b")}));
  BOOST_TEST(site.ask(shop) == "b");
}

void each_lane_has_urls_of_its_own_that_stay(router_site& site) {
  const auto before = site.router().urls(shop);
  BOOST_TEST(!before.empty());
  BOOST_TEST(before != site.router().urls(blog));
  const auto hosts = site.router().hosts(shop);
  BOOST_REQUIRE(!hosts.empty());
  BOOST_TEST(before.front().starts_with("http://" + hosts.front()));
  BOOST_TEST((hosts != site.router().hosts(blog)));
  require(site.router().restore({to(site, shop, "d1", "a")}));
  BOOST_TEST(site.router().urls(shop) == before, boost::test_tools::per_element());
}

void a_death_is_told_and_restore_brings_the_routes_back(router_site& site) {
  std::atomic<int> deaths = 0;
  site.router().watch([&] { ++deaths; });
  const std::vector routes{to(site, shop, "d1", "a")};
  require(site.router().restore(routes));
  site.kill();
  BOOST_TEST(eventually([&] { return deaths == 1; }));
  require(site.router().restore(routes));
  BOOST_TEST(site.ask(shop) == "a");
  BOOST_TEST(deaths == 1);
  site.router().watch({});
}

void a_router_that_was_stopped_is_restored(router_site& site) {
  require(site.router().restore({to(site, shop, "d1", "a")}));
  site.router().stop();
  require(site.router().restore({to(site, shop, "d1", "a")}));
  BOOST_TEST(site.ask(shop) == "a");
}

} // namespace router_cases

#define PAWL_CASE(name)                                                                            \
  { #name, router_cases::name }

bool add_router_contract(const make_site<router_site>& make, std::set<std::string> exempt) {
  return add_contract<router_site>(
      {
          PAWL_CASE(its_routes_are_those_that_were_restored),
          PAWL_CASE(calls_can_be_repeated),
          PAWL_CASE(a_switch_leads_to_the_new_instances_and_leaves_other_lanes),
          PAWL_CASE(a_switch_makes_a_route_where_there_was_none),
          PAWL_CASE(a_route_without_addresses_answers_503),
          PAWL_CASE(forgetting_an_earlier_deployment_leaves_the_route),
          PAWL_CASE(letting_clients_go_leaves_the_route),
          PAWL_CASE(a_deployment_that_has_the_route_is_not_forgotten),
          PAWL_CASE(routes_outlive_the_server),
          PAWL_CASE(each_lane_has_urls_of_its_own_that_stay),
          PAWL_CASE(a_death_is_told_and_restore_brings_the_routes_back),
          PAWL_CASE(a_router_that_was_stopped_is_restored),
      },
      make, std::move(exempt));
}

#undef PAWL_CASE

} // namespace pawl::test
