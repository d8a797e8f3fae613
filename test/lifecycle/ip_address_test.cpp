#include "lifecycle/ip_address.hpp"

#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using pawl::canonical_endpoint;
using pawl::canonical_network;

BOOST_AUTO_TEST_SUITE(ip_addresses)

BOOST_AUTO_TEST_CASE(an_endpoint_is_an_address_and_a_port) {
  BOOST_TEST(canonical_endpoint("127.0.0.1:80").value() == "127.0.0.1:80");
  BOOST_TEST(canonical_endpoint("0.0.0.0:65535").value() == "0.0.0.0:65535");
  BOOST_TEST(canonical_endpoint("[0:0::1]:7480").value() == "[::1]:7480");
  for (const auto* wrong :
       {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:80x",
        "127.0.0.1:+80", "127.0.0.1:-1", "localhost:80", "*:80", "::1:80", "[::1:80", "[]:80",
        "[127.0.0.1]:80", "1.2.3:80", "127.0.0.1:80\n", "127.0.0.1 :80"})
    BOOST_TEST(!canonical_endpoint(wrong).has_value(), wrong);
  BOOST_TEST(!canonical_endpoint(std::string_view("127.0.0.1\0x:80", 14)).has_value());
}

BOOST_AUTO_TEST_CASE(a_network_has_no_bits_behind_its_prefix) {
  BOOST_TEST(canonical_network("10.1.2.3").value() == "10.1.2.3");
  BOOST_TEST(canonical_network("10.0.0.0/8").value() == "10.0.0.0/8");
  BOOST_TEST(canonical_network("192.168.128.0/17").value() == "192.168.128.0/17");
  BOOST_TEST(canonical_network("0.0.0.0/0").value() == "0.0.0.0/0");
  BOOST_TEST(canonical_network("10.1.2.3/32").value() == "10.1.2.3/32");
  BOOST_TEST(canonical_network("FD00:0::/8").value() == "fd00::/8");
  BOOST_TEST(canonical_network("::1").value() == "::1");
  for (const auto* wrong :
       {"", "10.1.2.3/8", "192.168.128.0/16", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8",
        "10.0.0.0/-8", "fd00::1/64", "::/129", "proxy", "[::1]", "10.0.0.0 /8", "10.0.0.0/8 "})
    BOOST_TEST(!canonical_network(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(nothing_stands_behind_an_address) {
  for (const auto wrong : {std::string_view{"02::\0x", 6}, std::string_view{"10.1.2.3\0x", 10}}) {
    BOOST_TEST(!is_ip_address(wrong));
    BOOST_TEST(!canonical_network(wrong).has_value());
  }
}

BOOST_AUTO_TEST_CASE(addresses_of_one_machine_are_counted_together) {
  BOOST_TEST(counted_address("192.0.2.7") == "192.0.2.7");
  BOOST_TEST(counted_address("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  BOOST_TEST(counted_address("2001:db8:1:2::9") == "2001:db8:1:2::/64");
  BOOST_TEST(counted_address("2001:db8:1:3::9") == "2001:db8:1:3::/64");
}

BOOST_AUTO_TEST_SUITE_END()
