// A sticky version: its route says so, and its clients are let go before it stops.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(sticky_versions, actor_fixture)

// Its clients would come to instances that accept nothing any more.
BOOST_AUTO_TEST_CASE(clients_of_a_sticky_version_are_let_go_before_it_stops) {
  world->manifest_answer->run.sticky = true;
  auto first = deploy("r1");
  advance(1s);
  BOOST_TEST(world->router->routes.at({"shop", "local"}).sticky);
  deploy("r2");
  advance(1s);
  BOOST_TEST(world->router->let_go.empty());
  bool ran = false;
  world->router->on_let_go = [&] { ran = world->engine->instances.contains(first.id + "-1"); };
  advance(limits::drain + 1s);
  BOOST_TEST(world->router->let_go == std::vector{first.id}, boost::test_tools::per_element());
  BOOST_TEST(ran);
  BOOST_TEST(!world->engine->instances.contains(first.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_sticky_version_stops_also_if_the_router_does_not_let_its_clients_go) {
  world->manifest_answer->run.sticky = true;
  auto first = deploy("r1");
  advance(1s);
  deploy("r2");
  advance(1s);
  world->router->on_let_go = [&] { world->router->dead = true; };
  advance(limits::drain + 1s);
  BOOST_TEST(!world->engine->instances.contains(first.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_route_stays_sticky_when_an_instance_or_the_server_comes_back) {
  world->manifest_answer->run.sticky = true;
  const lane_key shop{"shop", "local"};
  auto d = deploy("r1");
  advance(1s);
  world->engine->kill(d.id + "-1");
  run();
  advance(1s);
  advance(1s);
  BOOST_TEST(world->router->routes.at(shop).addresses.size() == 1u);
  BOOST_TEST(world->router->routes.at(shop).sticky);
  restart();
  BOOST_TEST(world->router->routes.at(shop).addresses.size() == 1u);
  BOOST_TEST(world->router->routes.at(shop).sticky);
}

BOOST_AUTO_TEST_SUITE_END()
