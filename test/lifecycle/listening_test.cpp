// The advice for an instance that listens elsewhere than it is asked, or for everybody.
#include "lifecycle/listening.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

constexpr const char* asked = "127.0.0.1:20001";

std::string advice(const listening_places& places) {
  return listening_advice("it", asked, places);
}

} // namespace

BOOST_AUTO_TEST_SUITE(listening)

BOOST_AUTO_TEST_CASE(one_that_takes_the_connections_that_it_is_asked_with_is_told_nothing) {
  for (const auto* place : {asked, "0.0.0.0:20001"})
    BOOST_TEST(advice({{"[::1]:9229", place}}) == "", place);
  BOOST_TEST(listening_advice("it", "[::1]:20001", {{"[::]:20001"}}) == "");
}

BOOST_AUTO_TEST_CASE(one_on_another_port_is_told_of_its_variable) {
  BOOST_TEST(advice({{"[::]:3000", "0.0.0.0:3000"}}) ==
             "it listens on [::]:3000, 0.0.0.0:3000; it should listen on $PORT, which is 20001");
}

BOOST_AUTO_TEST_CASE(one_on_another_address_is_told_of_its_variable) {
  for (const std::string place : {"[::1]:20001", "[::]:20001", "10.0.0.7:20001"})
    BOOST_TEST(advice({{place}}) == "it listens on " + place +
                                        ", and is asked at 127.0.0.1:20001; it should listen on "
                                        "$HOST, which is 127.0.0.1");
}

BOOST_AUTO_TEST_CASE(one_on_a_unix_socket_alone_is_told_that_it_needs_a_port) {
  BOOST_TEST(advice({{}, {"/tmp/app.sock"}}) ==
             "it listens on the Unix socket /tmp/app.sock and on no port; it should listen on "
             "$PORT, which is 20001");
}

BOOST_AUTO_TEST_CASE(one_that_listens_nowhere_is_told_so) {
  BOOST_TEST((judge_listening(asked, {}) == listening_verdict::nowhere));
  BOOST_TEST(advice({}) == "it listens on no port; it should listen on $PORT, which is 20001");
}

BOOST_AUTO_TEST_CASE(in_a_network_of_its_own_the_port_alone_counts) {
  BOOST_TEST(advice({{"10.0.0.7:20001"}, {}, true}) == "");
  BOOST_TEST(advice({{"10.0.0.7:3000"}, {}, true}) != "");
  BOOST_TEST(open_places({{"0.0.0.0:20001"}, {}, true}).empty());
}

BOOST_AUTO_TEST_CASE(one_on_the_loopback_of_a_container_is_told_that_nobody_reaches_it) {
  for (const std::string place : {"127.0.0.1:20001", "[::1]:20001"})
    BOOST_TEST(advice({{place}, {}, true, false}) ==
               "it listens on " + place +
                   ", where nothing from outside of its container reaches it; it should listen on "
                   "$HOST, which is 0.0.0.0");
  BOOST_TEST(advice({{"127.0.0.1:20001"}, {}, true, true}) == "");
  BOOST_TEST(advice({{"127.0.0.1:20001", "0.0.0.0:20001"}, {}, true, false}) == "");
}

BOOST_AUTO_TEST_CASE(places_beside_the_loopback_are_open) {
  const auto open =
      open_places({{"127.0.0.1:1", "127.9.0.1:1", "[::1]:1", "0.0.0.0:1", "[::]:1", "10.0.0.7:1"}});
  BOOST_TEST(open == (std::vector<std::string>{"0.0.0.0:1", "[::]:1", "10.0.0.7:1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_many_places_the_first_are_named) {
  BOOST_TEST(places_text({"a", "b", "c", "d", "e", "f"}) == "a, b, c, d and 2 more");
}

BOOST_AUTO_TEST_SUITE_END()
