#include "lifecycle/network_range.hpp"

#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(network_ranges)

BOOST_AUTO_TEST_CASE(a_network_is_read_as_numbers) {
  BOOST_TEST((parse_ipv4_network("10.1.2.3") == ipv4_network{0x0a010203, 32}));
  BOOST_TEST((parse_ipv4_network("192.168.128.0/17") == ipv4_network{0xc0a88000, 17}));
  for (const auto* wrong : {"", "::1", "fd00::/8", "default", "10.0.0.1/8", "10/8"})
    BOOST_TEST(!parse_ipv4_network(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(networks_overlap_if_one_holds_an_address_of_the_other) {
  const auto both = [](const char* one, const char* other) {
    return overlap(*parse_ipv4_network(one), *parse_ipv4_network(other));
  };
  BOOST_TEST(both("10.213.0.0/16", "10.0.0.0/8"));
  BOOST_TEST(both("10.0.0.0/8", "10.213.0.0/16"));
  BOOST_TEST(both("10.213.0.0/16", "10.213.255.255"));
  BOOST_TEST(both("0.0.0.0/0", "10.213.0.0/16"));
  BOOST_TEST(!both("10.213.0.0/16", "10.212.0.0/16"));
  BOOST_TEST(!both("10.213.0.0/16", "10.214.0.0/15"));
}

BOOST_AUTO_TEST_CASE(a_range_is_a_private_network_of_one_size) {
  for (const auto* good : {"10.213.0.0/16", "172.31.0.0/16", "192.168.0.0/16"})
    BOOST_TEST(network_range::parse(good).has_value(), good);
  for (const auto* wrong : {"10.213.0.0/17", "10.0.0.0/8", "11.0.0.0/16", "172.32.0.0/16",
                            "127.0.0.0/16", "10.213.0.0", "10.213.1.0/16", "fd00::/16", ""})
    BOOST_TEST(!network_range::parse(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(an_address_follows_from_the_port) {
  const auto range = *network_range::parse("10.213.0.0/16");
  BOOST_TEST(range.gateway() == "10.213.0.1");
  BOOST_TEST(range.address_of(20'000) == "10.213.78.32");
  BOOST_TEST(range.address_of(32'767) == "10.213.127.255");
}

BOOST_AUTO_TEST_CASE(a_link_is_named_by_its_server_and_its_port) {
  const auto name = link_name("abcdef0123456789", 32'767);
  BOOST_TEST(name == "pwabcdef32767");
  BOOST_TEST(name.size() < 16U); // as the kernel has it
  BOOST_TEST(port_of_link("abcdef0123456789", name).value() == 32'767);
  for (const auto* other :
       {"pwabcdee32767", "pwabcdef", "pwabcdef70000", "pwabcdefx", "pwabcdef0000080", "eth0", ""})
    BOOST_TEST(!port_of_link("abcdef0123456789", other).has_value(), other);
  BOOST_TEST(is_link_name(name));
  for (const auto* other :
       {"pwabcdef", "pwabcdeg20000", "pw0", "pw0123400000000580", "docker0", ""})
    BOOST_TEST(!is_link_name(other), other);
}

BOOST_AUTO_TEST_SUITE_END()
