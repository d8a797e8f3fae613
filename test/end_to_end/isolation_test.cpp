// Isolated clusters with the real programs: who reaches whom. In a network of the test's own.
#include "test/end_to_end/running_server.hpp"
#include "test/support/own_network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace {

using namespace pawl::test;

constexpr unsigned ordinary_user = 65534;

boost::test_tools::assertion_result may_isolate(boost::unit_test::test_unit_id) {
  return may_make_networks();
}

// Before the app serves, it says for each HOST:PORT whether it reaches it.
std::string serve_after_reaching(const words& places) {
  return fmt::format("perl -MIO::Socket::INET -e '$|=1; for (@ARGV) {{ my $s = "
                     "IO::Socket::INET->new(PeerAddr => $_, Timeout => 20); print \"$_ \", ($s ? "
                     "\"reached\" : \"$!\"), \"\\n\" }}' {}; exec perl serve.pl",
                     fmt::join(places, " "));
}

json only_instance(running_server& server, const std::string& app) {
  const auto lanes =
      document_of(server.pawl({"status", "-a", app, "--json"})).at("lanes").at(0).at("instances");
  BOOST_REQUIRE_EQUAL(lanes.size(), 1U);
  return lanes.at(0);
}

std::string address_of(running_server& server, const std::string& app) {
  return only_instance(server, app).at("address");
}

} // namespace

BOOST_AUTO_TEST_SUITE(isolation_test, *boost::unit_test::precondition(may_isolate))

BOOST_AUTO_TEST_CASE(an_app_reaches_the_named_ports_and_what_is_outside_and_nothing_else) {
  const own_network network;
  const listening_port open("127.0.0.1");
  const listening_port closed("127.0.0.1");
  std::unique_ptr<listening_port> outside;
  BOOST_REQUIRE(pawl::in_network(network.outside(), [&]() -> pawl::result<void> {
                  outside = std::make_unique<listening_port>("0.0.0.0");
                  return {};
                }).has_value());
  running_server server(fmt::format("[cluster.local]\ndrain = \"0s\"\nnetwork = \"isolated\"\n"
                                    "host_ports = [{}]\n",
                                    open.number()));
  deploy(server, {.name = "b",
                  .greeting = "from everywhere",
                  .run = "sed s/127.0.0.1/0.0.0.0/ serve.pl > /tmp/s.pl; exec perl /tmp/s.pl"});
  const auto neighbour = address_of(server, "b");
  const auto here = own_network::inside_address;
  const std::map<std::string, std::string> expected{
      {fmt::format("127.0.0.1:{}", open.number()), "reached"},
      {fmt::format("127.0.0.1:{}", closed.number()), "Connection refused"},
      {fmt::format("{}:{}", here, server.port()), "Connection refused"},
      {neighbour, "Connection refused"},
      {fmt::format("{}:{}", own_network::outside_address, outside->number()), "reached"}};
  words places;
  for (const auto& [place, answer] : expected)
    places.push_back(place);
  deploy(server, {.name = "a", .greeting = "from loopback", .run = serve_after_reaching(places)});
  const auto log = server.pawl({"logs", "-a", "a"}).out;
  for (const auto& [place, answer] : expected)
    BOOST_TEST(mentions(log, fmt::format("{} {}\n", place, answer)), log);
  BOOST_TEST(open.client() == "127.0.0.1"); // as a client without a network of its own
  BOOST_TEST(outside->client() == here);
  BOOST_TEST(server.answer_of("a") == "from loopback");
  BOOST_TEST(server.answer_of("b") == "from everywhere");

  server.kill();
  server.start();
  BOOST_TEST(address_of(server, "b") == neighbour);
  BOOST_TEST(server.answer_of("b") == "from everywhere");
}

BOOST_AUTO_TEST_CASE(a_server_that_cannot_isolate_says_what_it_takes_and_ends_with_2) {
  running_server server("[cluster.local]\n", ordinary_user);
  write_text(server.place() / "other.toml",
             "data_dir = \"other\"\n[listen]\nsocket = \"other.sock\"\n[router]\nkind = \"none\"\n"
             "[cluster.x]\nnetwork = \"isolated\"\n");
  for (const auto* flag : {"--check-config", "--config"}) {
    const auto end = server.begin_pawld(flag, server.place() / "other.toml")->wait();
    check_exit(end, 2);
    BOOST_TEST(
        mentions(end.err, "cluster.x: network = \"isolated\" takes a server that runs as root"),
        end.err);
  }
}

BOOST_AUTO_TEST_SUITE_END()
