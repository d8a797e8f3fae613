#include "engines/process/network/network_texts.hpp"

#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

const network_link link_of_an_instance{.name = "pwabcdef20000",
                                       .group = 1073741825,
                                       .gateway = "10.213.0.1",
                                       .address = "10.213.78.32",
                                       .port = 20'000,
                                       .host_ports = {5432, 6379}};

constexpr auto listed_routes =
    "default via 192.0.2.1 dev eth0 \n"
    "0.0.0.0/1 via 10.8.0.1 dev tun0 \n"
    "192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2 \n"
    "10.213.78.32 dev pwabcdef20000 scope link src 10.213.0.1 \n"
    "local 10.213.0.1 dev pwabcdef20000 table local proto kernel scope host \n"
    "broadcast 192.0.2.255 dev eth0 table local proto kernel scope link \n";

} // namespace

BOOST_AUTO_TEST_SUITE(network_texts)

BOOST_AUTO_TEST_CASE(both_ends_of_a_link_are_made_at_once) {
  BOOST_TEST(machine_commands(link_of_an_instance) ==
             "link add dev pwabcdef20000 group 1073741825 type veth peer name eth0 "
             "netns /proc/self/fd/3\n"
             "link set dev pwabcdef20000 addrgenmode none\n"
             "address add 10.213.0.1/32 dev pwabcdef20000\n"
             "link set dev pwabcdef20000 up\n"
             "route add 10.213.78.32/32 dev pwabcdef20000 src 10.213.0.1\n");
  BOOST_TEST(sandbox_commands(link_of_an_instance) ==
             "link set dev eth0 addrgenmode none\n"
             "address add 10.213.78.32/32 dev eth0\n"
             "link set dev eth0 up\n"
             "route add 10.213.0.1/32 dev eth0 scope link\n"
             "route add default via 10.213.0.1 dev eth0 "
             "src 10.213.78.32\n");
}

BOOST_AUTO_TEST_CASE(inside_the_apps_port_and_the_machines_are_those_of_its_loopback) {
  const auto rules = sandbox_rules(link_of_an_instance);
  for (const auto* each : {"iifname \"eth0\" tcp dport 20000 dnat to 127.0.0.1\n",
                           "ip daddr 127.0.0.1 meta l4proto { tcp, udp } th dport { 5432, 6379 } "
                           "dnat to 10.213.0.1\n",
                           "oifname \"eth0\" ip saddr 127.0.0.0/8 snat to 10.213.78.32\n"})
    BOOST_TEST(rules.find(each) != std::string::npos, each << " is not in\n" << rules);
  auto closed = link_of_an_instance;
  closed.host_ports.clear();
  BOOST_TEST(sandbox_rules(closed).find("dnat to 10.213.0.1") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_machine_lets_sandboxes_go_where_their_cluster_may) {
  machine_rules_input input;
  input.table = "pawl_abcdef";
  input.prefix = "pwabcdef";
  input.groups = {{7, {5432}}, {8, {}}};
  input.resolvers = {"10.255.255.53"};
  input.router = public_endpoint{"", 80};
  const auto rules = machine_rules(input);
  BOOST_TEST(rules.starts_with("add table inet pawl_abcdef\ndelete table inet pawl_abcdef\n"
                               "table inet pawl_abcdef {\n"));
  const auto first = rules.find("chain from_sandboxes {");
  BOOST_TEST_REQUIRE(first != std::string::npos);
  BOOST_TEST(rules.substr(first, rules.find("  }", rules.find("goto refuse")) - first) ==
             "chain from_sandboxes {\n"
             "    type filter hook prerouting priority -150;\n"
             "    iifname != \"pwabcdef*\" accept\n"
             "    meta nfproto ipv6 drop\n"
             "    fib saddr . iif oif missing drop\n"
             "    ct state established,related accept\n"
             "    meta iifgroup 7 fib daddr type local meta l4proto { tcp, udp } th dport { 5432 } "
             "accept\n"
             "    ip daddr { 10.255.255.53 } meta l4proto { tcp, udp } th dport { 53 } accept\n"
             "    fib daddr type local ip daddr != 127.0.0.0/8 tcp dport 80 accept\n"
             "    fib daddr type { local, broadcast, anycast, multicast } goto refuse\n");
  BOOST_TEST(rules.find("iifgroup 8") == std::string::npos);
  BOOST_TEST(rules.find("oifname \"pwabcdef*\" ct state != { established, related } goto refuse") !=
             std::string::npos);
  input.resolvers.clear();
  input.router = public_endpoint{"192.0.2.2", 80};
  BOOST_TEST(machine_rules(input).find("    ip daddr 192.0.2.2 tcp dport 80 accept\n") !=
             std::string::npos);
  input.router.reset();
  BOOST_TEST(machine_rules(input).find("dport 80") == std::string::npos);
  BOOST_TEST(machine_rules(input).find("dport { 53 }") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_route_to_addresses_of_the_range_is_found) {
  const auto range = *network_range::parse("10.213.0.0/16");
  BOOST_TEST(overlapping_route(range, listed_routes) == "");
  for (const auto* other : {"10.0.0.0/8 via 192.0.2.9 dev eth0", "10.213.4.0/24 dev docker0",
                            "local 10.213.9.9 dev lo table local", "unreachable 10.213.0.0/17"})
    BOOST_TEST(overlapping_route(range, std::string{listed_routes} + other + " \n") == other);
}

BOOST_AUTO_TEST_CASE(chains_that_drop_what_is_forwarded_are_found) {
  constexpr auto chains = "table ip filter {\n"
                          "\tchain INPUT {\n"
                          "\t\ttype filter hook input priority filter; policy drop;\n\t}\n"
                          "\tchain FORWARD {\n"
                          "\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n"
                          "table inet pawl_abc {\n"
                          "\tchain to_sandboxes {\n"
                          "\t\ttype filter hook forward priority filter; policy accept;\n\t}\n}\n";
  BOOST_TEST(dropping_chains(chains) == (std::vector<std::string>{"ip filter FORWARD"}),
             boost::test_tools::per_element());
  BOOST_TEST(dropping_chains("").empty());
}

BOOST_AUTO_TEST_CASE(a_counter_is_read) {
  BOOST_TEST(counted_packets(
                 "table inet t {\n\tcounter tried {\n\t\tpackets 12 bytes 336\n\t}\n}\n") == 12U);
  BOOST_TEST(counted_packets("") == 0U);
}

BOOST_AUTO_TEST_CASE(a_sandbox_gets_the_nameservers_that_it_reaches) {
  constexpr auto text = "# made by hand\n"
                        "nameserver 127.0.0.53\n"
                        "nameserver 10.255.255.53\n"
                        "nameserver fd00::53\n"
                        "search example.org\n"
                        "options edns0\n";
  BOOST_TEST(reachable_resolvers(text) == (std::vector<std::string>{"10.255.255.53"}),
             boost::test_tools::per_element());
  BOOST_TEST(sandbox_resolv_conf(text) == "# made by hand\nnameserver 10.255.255.53\n"
                                          "search example.org\noptions edns0\n");
  BOOST_TEST(reachable_resolvers("nameserver 127.0.0.53\n").empty());
}

BOOST_AUTO_TEST_SUITE_END()
