// Builds, release commands and instances of an isolated cluster, in a network of the test's own.
#include "engines/process/instance_record.hpp"
#include "engines/process/network/network_programs.hpp"
#include "test/engines/engine_fixture.hpp"
#include "test/support/eventually.hpp"
#include "test/support/own_network.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <csignal>

#include <sys/wait.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

// Says for each HOST:PORT whether it can be reached.
const std::string reaching_script = R"(
use IO::Socket::INET;
$| = 1;
for my $there (@ARGV) {
  my $socket = IO::Socket::INET->new(PeerAddr => $there, Timeout => 20);
  print "$there ", ($socket ? 'reached' : $! + 0 == 111 ? 'refused' : "$!"), "\n";
}
)";

// Accepts at its port, and writes who asked.
const std::string telling_script = R"(
use IO::Socket::INET;
$| = 1;
my $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => $ENV{PORT}, Listen => 9);
while (my $c = $s->accept) { print "asked by ", $c->peerhost, "\n"; close $c; }
)";

struct isolated_fixture {
  isolated_fixture() { open_isolated(); }

  void open_isolated() {
    engine_.config.isolation.clusters = {{"local", {open.number()}}};
    engine_.open();
  }

  // Whether this machine can have isolated networks; the others are skipped, and say so.
  static boost::test_tools::assertion_result possible(boost::unit_test::test_unit_id) {
    return may_make_networks();
  }

  instance_spec telling(const std::string& deployment, const std::string& listens_on) {
    return engine_.app(deployment, {{"tell.pl", telling_script}, {"reach.pl", reaching_script}},
                       "exec perl tell.pl " + listens_on);
  }

  std::vector<std::string> links() const {
    auto names = interface_names();
    std::erase_if(names, [](const std::string& name) { return !is_link_name(name); });
    return names;
  }

  instance_record record(const std::string& name) const {
    return *read_record(engine_.home.path() / "instances" / name / "record.json",
                        sandbox_host{engine_.config}.mark_of("instance-" + name));
  }

  static bool reached(const std::string& address) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = ::htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    const descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }

  own_network network;
  listening_port open{"127.0.0.1"};
  listening_port closed{"0.0.0.0"};
  engine_fixture engine_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(isolated_instances,
                      *boost::unit_test::precondition(isolated_fixture::possible))

BOOST_FIXTURE_TEST_CASE(an_instance_answers_at_an_address_of_its_own_wherever_it_listens,
                        isolated_fixture) {
  for (const auto* listens_on : {"127.0.0.1", "0.0.0.0"}) {
    const auto name = fmt::format("d{}", listens_on[0]);
    const auto started = engine_.engine->start(telling(name, listens_on));
    BOOST_TEST_REQUIRE(message_of(started) == "");
    BOOST_TEST(started->address.starts_with("10.213."));
    BOOST_TEST(eventually([&] { return reached(started->address); }));
    BOOST_TEST(eventually([&] {
      const auto lines = engine_.engine->logs().last_lines(name + "-1", 1);
      return !lines.empty() && lines.front() == "asked by 127.0.0.1";
    }));
  }
  BOOST_TEST(links().size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(a_link_goes_with_its_instance, isolated_fixture) {
  for (const auto* name : {"stopped", "killed"})
    BOOST_TEST_REQUIRE(message_of(engine_.engine->start(telling(name, "0.0.0.0"))) == "");
  BOOST_TEST(links().size() == 2U);
  BOOST_TEST(message_of(engine_.engine->stop("stopped-1", 5s)) == "");
  BOOST_TEST(links().size() == 1U);
  ::kill(record("killed-1").init, SIGKILL);
  BOOST_TEST(eventually([&] { return links().empty(); }));
  const auto rules = own_network::run("nft", {"list", "ruleset"});
  BOOST_TEST(rules.find(record("killed-1").address) == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_instance_and_its_link_outlive_a_server_that_is_killed,
                        isolated_fixture) {
  const auto whole = telling("whole", "0.0.0.0");
  const auto half = telling("half", "0.0.0.0");
  engine_.engine.reset(); // one engine at a time, and no thread across the fork
  std::array<int, 2> ends{};
  BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const auto server_process = ::fork();
  if (server_process == 0) {
    process_engine other{engine_.config};
    const bool both = other.start(whole).has_value() && other.start(half).has_value();
    [[maybe_unused]] auto sent = ::write(ends[1], both ? "x" : "", both ? 1 : 0);
    ::pause();
  }
  char up = 0;
  BOOST_TEST_REQUIRE(::read(ends[0], &up, 1) == 1);
  ::kill(server_process, SIGKILL);
  ::waitpid(server_process, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  auto cut = record("half-1");
  cut.outer = cut.init = 0; // as if the server had ended before it knew them
  BOOST_TEST_REQUIRE(message_of(write_record(
                         engine_.home.path() / "instances" / "half-1" / "record.json", cut)) == "");

  open_isolated();
  const auto found = engine_.engine->list();
  BOOST_TEST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->front().address ==
             fmt::format("{}:{}", record("whole-1").address, record("whole-1").port));
  BOOST_TEST(eventually([&] { return reached(found->front().address); }));
  BOOST_TEST(links().size() == 1U);
  BOOST_TEST(message_of(engine_.engine->stop("whole-1", 5s)) == "");
  BOOST_TEST(links().empty());
}

BOOST_FIXTURE_TEST_CASE(an_instance_whose_link_is_gone_is_ended, isolated_fixture) {
  BOOST_TEST_REQUIRE(message_of(engine_.engine->start(telling("d1", "0.0.0.0"))) == "");
  own_network::run("ip", {"link", "delete", "dev", links().front()});
  open_isolated();
  const auto found = engine_.engine->list();
  BOOST_TEST_REQUIRE(found->size() == 1U);
  BOOST_TEST((found->front().state == instance_state::exited));
  BOOST_TEST(engine_.processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(links_of_no_instance_and_rules_of_no_cluster_are_removed,
                        isolated_fixture) {
  BOOST_TEST_REQUIRE(message_of(engine_.engine->check()) == "");
  const auto rules = engine_.home.path() / "network.nft";
  BOOST_TEST(std::filesystem::exists(rules));
  const auto digest = sandbox_host{engine_.config}.mark_of("").substr(5, 16);
  const auto name = link_name(digest, 20'000);
  own_network::run("ip", {"link", "add", "dev", name, "type", "veth"});
  own_network::run("ip", {"link", "add", "dev", "pwffffff20000", "type", "veth"}); // another's
  BOOST_TEST_REQUIRE(engine_.engine->list().has_value());
  BOOST_TEST(links() == (std::vector<std::string>{"pwffffff20000"}),
             boost::test_tools::per_element());
  engine_.config.isolation.clusters.clear();
  engine_.open();
  BOOST_TEST_REQUIRE(engine_.engine->list().has_value());
  BOOST_TEST(!std::filesystem::exists(rules));
  BOOST_TEST(own_network::run("nft", {"list", "tables"}) == "");
}

BOOST_FIXTURE_TEST_CASE(a_build_and_a_release_command_reach_what_an_instance_reaches,
                        isolated_fixture) {
  BOOST_TEST_REQUIRE(message_of(engine_.engine->check()) == ""); // the machine forwards packets
  const auto neighbour = engine_.engine->start(telling("d1", "0.0.0.0"));
  BOOST_TEST_REQUIRE(message_of(neighbour) == "");
  BOOST_TEST_REQUIRE(eventually([&] { return reached(neighbour->address); }));
  const auto open_port = fmt::format("127.0.0.1:{}", open.number());
  const auto closed_port = fmt::format("127.0.0.1:{}", closed.number());
  const auto elsewhere = fmt::format("{}:{}", own_network::inside_address, closed.number());
  const auto command = fmt::format("perl reach.pl {} {} {} {}", open_port, closed_port, elsewhere,
                                   neighbour->address);
  auto check_lines = [&] {
    BOOST_TEST(engine_.has_line("stdout", open_port + " reached"));
    BOOST_TEST(engine_.has_line("stdout", closed_port + " refused"));
    BOOST_TEST(engine_.has_line("stdout", elsewhere + " refused"));
    BOOST_TEST(engine_.has_line("stdout", neighbour->address + " refused"));
    BOOST_TEST(links().size() == 1U); // the neighbour's
  };
  auto job = engine_.job("d2", command);
  job.cluster = "local";
  BOOST_TEST(message_of(engine_.build(job, {{"reach.pl", reaching_script}})) == "");
  check_lines();

  auto released = telling("d3", "0.0.0.0");
  released.settings.release.command = command;
  released.settings.release.timeout = patience;
  engine_.lines.clear();
  const auto sink = [&](std::string_view stream, std::string_view line) {
    engine_.lines.emplace_back(stream, line);
  };
  BOOST_TEST(message_of(engine_.engine->run_release(released, sink, {})) == "");
  check_lines();
}

BOOST_FIXTURE_TEST_CASE(an_isolated_build_has_all_ports_for_itself, isolated_fixture) {
  auto job = engine_.job("d1", "exec perl -MIO::Socket::INET -e 'IO::Socket::INET->new(LocalPort "
                               "=> 27017, Listen => 1) or die $!'");
  job.cluster = "local";
  BOOST_TEST(message_of(engine_.build(job, {})) == "");
}

BOOST_FIXTURE_TEST_CASE(a_machine_that_forwards_nothing_is_told_with_the_cause, isolated_fixture) {
  const auto first = engine_.engine->check();
  BOOST_TEST_REQUIRE(message_of(first) == "");
  BOOST_TEST_REQUIRE(!first->empty());
  BOOST_TEST(first->back().find("net.ipv4.ip_forward was 0 and is now 1") != std::string::npos);
  const auto quiet = engine_.engine->check();
  BOOST_TEST_REQUIRE(message_of(quiet) == "");
  BOOST_TEST(quiet->size() == first->size() - 1);
  own_network::run("nft", {"-f", "-"},
                   "table ip filter { chain FORWARD { type filter hook forward priority 0; policy "
                   "drop; }; }");
  const auto blocked = engine_.engine->check();
  BOOST_TEST_REQUIRE(message_of(blocked) == "");
  BOOST_TEST_REQUIRE(blocked->size() == first->size());
  BOOST_TEST(blocked->back().find("the chain \"ip filter FORWARD\" drops") != std::string::npos);
  BOOST_TEST(links().empty());
}

BOOST_FIXTURE_TEST_CASE(a_machine_without_a_way_out_is_warned_of_nothing, isolated_fixture) {
  own_network::run("ip", {"route", "delete", "default"});
  BOOST_TEST_REQUIRE(message_of(engine_.engine->check()) == ""); // it sets ip_forward
  const auto again = engine_.engine->check();
  BOOST_TEST_REQUIRE(message_of(again) == "");
  for (const auto& warning : *again)
    BOOST_TEST(warning.find("no way out") == std::string::npos, warning);
}

BOOST_FIXTURE_TEST_CASE(a_range_and_a_resolver_that_cannot_be_used_are_refused, isolated_fixture) {
  auto config = engine_.config.isolation;
  config.resolv_conf = engine_.home.path() / "resolv.conf";
  config.upstream_resolv_conf = engine_.home.path() / "upstream";
  write_file(config.resolv_conf, "nameserver 127.0.0.53\n");
  auto refused = message_of(check_isolation(config));
  BOOST_TEST(refused.find("resolv.conf names no nameserver") != std::string::npos);
  write_file(config.upstream_resolv_conf, "nameserver 9.9.9.9\n");
  BOOST_TEST(message_of(check_isolation(config)) == "");
  own_network::run("ip", {"route", "add", "10.213.4.0/24", "via", own_network::outside_address});
  const auto checked = check_isolation(config);
  BOOST_TEST(code_of(checked) == "invalid_argument");
  BOOST_TEST(message_of(checked).find("10.213.4.0/24 via") != std::string::npos);
  config.range = "10.214.0.0/16";
  BOOST_TEST(message_of(check_isolation(config)) == "");
}

BOOST_AUTO_TEST_SUITE_END()
