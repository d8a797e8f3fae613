// Apps that take ports of others.
#include "test/engines/engine_fixture.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <future>

#include <sys/resource.h>

using namespace pawl;
using namespace pawl::test;

namespace {

// Binds every port of the range that is free, the half of them without listening.
const std::string hoarding = R"(
use strict;
use Socket;
$| = 1;
my @held;
for my $port ($ENV{FIRST} .. $ENV{LAST}) {
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
  bind($s, sockaddr_in($port, inet_aton('127.0.0.1'))) or next;
  listen($s, 1) if @held % 2;
  push @held, $s;
}
print "hoarding\n";
sleep 1000;
)";

// Says to which ports it can bind: a 1 or a 0 for each.
const std::string trying = R"(
use strict;
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
$| = 1;
sub can { socket(my $s, $_[0], $_[1], 0) or die; bind($s, $_[2]) ? 1 : 0 }
my $port = $ENV{PORT};
my $other = $port == $ENV{LAST} ? $port - 1 : $port + 1;
my $here = inet_aton('127.0.0.1');
print join(' ', can(PF_INET, SOCK_STREAM, pack_sockaddr_in($other, $here)),
  can(PF_INET6, SOCK_STREAM, pack_sockaddr_in6($other, inet_pton(AF_INET6, '::'))),
  can(PF_INET, SOCK_DGRAM, pack_sockaddr_in($other, $here)),
  can(PF_INET, SOCK_STREAM, pack_sockaddr_in(0, $here)),
  can(PF_INET, SOCK_STREAM, pack_sockaddr_in($port, $here))), "\n";
sleep 1000;
)";

struct ports_fixture : engine_fixture {
  void give_range(std::uint16_t first, std::uint16_t last) {
    config.ports = {first, last};
    open();
  }
  void without_guard() { config.cgroup_root = home.path() / "none"; }

  instance_spec spec_of(const std::string& deployment, const std::string& script) {
    auto spec = app(deployment, {{"app.pl", script}}, "exec perl app.pl");
    spec.settings.run.env["FIRST"] = std::to_string(config.ports.first);
    spec.settings.run.env["LAST"] = std::to_string(config.ports.last);
    return spec;
  }
  bool has_said(const std::string& name, const std::string& line) {
    return eventually(
        [&] { return engine->logs().last_lines(name, 1) == std::vector<std::string>{line}; });
  }
  void hoard() {
    BOOST_TEST_REQUIRE(message_of(engine->start(spec_of("hoarder", hoarding))) == "");
    BOOST_TEST_REQUIRE(has_said("hoarder-1", "hoarding"));
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(process_engine_ports)

BOOST_FIXTURE_TEST_CASE(an_app_that_took_all_ports_is_ended_for_the_next_one, ports_fixture) {
  without_guard();
  give_range(9'800, 9'899);
  hoard();
  auto promise = std::make_shared<std::promise<instance>>();
  engine->watch("hoarder-1", [promise](instance one) { promise->set_value(std::move(one)); });
  BOOST_TEST(message_of(engine->start(app("d1", {}, "exec sleep 1000"))) == "");
  auto ended = promise->get_future();
  BOOST_TEST_REQUIRE((ended.wait_for(patience) == std::future_status::ready));
  BOOST_TEST(ended.get().exit_status.value_or(-1) == 137);
  BOOST_TEST(has_said("hoarder-1",
                      "pawl: hoarder-1 was killed: it held 100 of the ports from 9800 to 9899, "
                      "which are for instances; listen on $PORT"));
  const auto again = engine->start(spec_of("hoarder2", hoarding));
  BOOST_TEST(code_of(again) == "resource_exhausted");
  BOOST_TEST(message_of(again).find("held the ports of other apps") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(where_no_port_is_free_the_app_that_holds_them_is_named, ports_fixture) {
  without_guard();
  give_range(9'900, 9'919);
  hoard();
  const auto refused = engine->start(app("d1", {}, "exec sleep 1000"));
  BOOST_TEST(code_of(refused) == "resource_exhausted");
  BOOST_TEST(message_of(refused) ==
             "127.0.0.1 has no free port from 9900 to 9919; most are held by "
             "these apps of this server: shop (20 ports)");
  BOOST_TEST((engine->list()->front().state == instance_state::running));
}

BOOST_FIXTURE_TEST_CASE(an_app_can_bind_no_port_of_the_range_but_its_own, ports_fixture) {
  if (!sandbox_host{config}.groups().guards_ports())
    return;
  give_range(9'700, 9'799);
  BOOST_TEST_REQUIRE(message_of(engine->start(spec_of("d1", trying))) == "");
  BOOST_TEST(has_said("d1-1", "0 0 1 1 1"));
}

BOOST_FIXTURE_TEST_CASE(a_build_can_bind_no_port_of_the_range, ports_fixture) {
  if (!sandbox_host{config}.groups().guards_ports())
    return;
  give_range(9'700, 9'799);
  BOOST_TEST_REQUIRE(message_of(build("d1", {{"app.pl", trying}},
                                      "PORT=9750 LAST=9799 timeout 1 perl app.pl || true")) == "");
  BOOST_TEST(has_line("stdout", "0 0 1 1 0"));
}

BOOST_FIXTURE_TEST_CASE(the_descriptors_of_an_app_are_bounded, ports_fixture) {
  rlimit own{};
  BOOST_TEST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &own) == 0);
  const auto most = std::min<std::uint64_t>(own.rlim_max, 8192);
  BOOST_TEST_REQUIRE(message_of(engine->start(app("d1", {}, "ulimit -Hn; exec sleep 1000"))) == "");
  BOOST_TEST(has_said("d1-1", std::to_string(most)));
}

BOOST_AUTO_TEST_SUITE_END()
