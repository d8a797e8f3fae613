// The contract of engines, run over the process engine and over the fake of the actors' tests. The
// simulation's engine is in test/simulation/simulated_world_test.cpp.
#include "test/engines/engine_contract.hpp"

#include "test/engines/engine_fixture.hpp"
#include "test/engines/instance_logs_contract.hpp"
#include "test/engines/line_site.hpp"
#include "test/support/eventually.hpp"
#include "test/support/fake_world.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

// Prints each line that it receives; ends when that is "exit".
const std::string printing_server = R"(
use Socket;
$| = 1;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
bind($s, sockaddr_in($ENV{PORT}, inet_aton($ENV{HOST}))) or die "bind: $!";
listen($s, 10);
while (1) {
  accept(my $c, $s) or next;
  while (my $line = <$c>) {
    exit 5 if $line eq "exit\n";
    print $line;
  }
}
)";

class process_engine_site final : public line_site {
public:
  pawl::engine& engine() override { return *fixture_.engine; }
  void restart() override { fixture_.open(); }

  build_job job(const std::string& deployment, sample which) override {
    fixture_.write_source(deployment, {{"server.pl", printing_server}});
    auto made = fixture_.job(deployment, which == sample::build_fails ? "exit 1" : "true");
    made.settings.run.command = "exec perl server.pl";
    made.settings.release.command = which == sample::release_fails ? "exit 1" : "true";
    made.settings.release.timeout = std::chrono::seconds{60};
    return made;
  }

private:
  engine_fixture fixture_;
};

class fake_engine_site final : public engine_site {
public:
  pawl::engine& engine() override { return engine_; }
  void restart() override {} // it has no process that could end

  build_job job(const std::string& deployment, sample which) override {
    engine_.failures.clear();
    if (which == sample::build_fails)
      engine_.failures["build"] = {errc::build_failed, "the build failed", {}};
    if (which == sample::release_fails)
      engine_.failures["release"] = {errc::release_failed, "the release command failed", {}};
    return {deployment, "shop", "source", fake_world::simple_manifest()};
  }

  void end(const std::string& instance) override { engine_.kill(instance); }

  void print(const std::string& instance, const std::vector<std::string>& lines) override {
    for (const auto& line : lines)
      engine_.print(instance, line);
  }

private:
  fake_engine engine_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(process_engine_contract)

const make_site<engine_site> site = [] { return std::make_unique<process_engine_site>(); };
const bool added = add_engine_contract(site) && add_instance_logs_contract(site);

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fake_engine_contract)

const make_site<engine_site> site = [] { return std::make_unique<fake_engine_site>(); };
const bool added =
    add_engine_contract(site, {"an_instance_of_an_unknown_artifact_is_not_started"}) &&
    add_instance_logs_contract(site);

BOOST_AUTO_TEST_SUITE_END()
