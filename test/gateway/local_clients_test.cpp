#include "gateway/frames/local_clients.hpp"

#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl;
using gateway::local_clients;

constexpr uid_t server_user = 900;
constexpr uid_t local_ann = 1000;
constexpr uid_t local_bob = 1001;

// How many connections that user gets, until one is refused.
std::size_t take_all(local_clients& clients, uid_t user, std::size_t& in_all) {
  std::size_t taken = 0;
  for (; clients.admits(user, in_all); ++taken, ++in_all)
    clients.add(user);
  return taken;
}

} // namespace

BOOST_AUTO_TEST_SUITE(local_clients_suite)

BOOST_AUTO_TEST_CASE(a_user_takes_half_of_what_is_free_and_the_next_finds_a_place) {
  local_clients clients{server_user, limits::connections_of_owner + 100};
  std::size_t in_all = 0;
  BOOST_TEST(take_all(clients, local_ann, in_all) == 50U);
  BOOST_TEST(take_all(clients, local_bob, in_all) == 25U);
  BOOST_TEST(!clients.admits(local_ann, in_all));
  for (uid_t other = 2000; other < 2100; ++other)
    take_all(clients, other, in_all);
  BOOST_TEST(in_all == 100U);
  clients.remove(local_ann);
  BOOST_TEST(!clients.admits(local_ann, in_all - 1)); // who has many waits for those who have none
  BOOST_TEST(clients.admits(3000, in_all - 1));
}

BOOST_AUTO_TEST_CASE(root_and_the_servers_own_user_find_a_place_when_others_have_taken_theirs) {
  local_clients clients{server_user, limits::connections_of_owner + 2};
  std::size_t in_all = 0;
  for (uid_t user = 2000; user < 2010; ++user)
    take_all(clients, user, in_all);
  BOOST_TEST(in_all == 2U);
  BOOST_TEST(clients.admits(server_user, in_all));
  BOOST_TEST(take_all(clients, 0, in_all) == limits::connections_of_owner);
  BOOST_TEST(!clients.admits(server_user, in_all));
}

BOOST_AUTO_TEST_SUITE_END()
