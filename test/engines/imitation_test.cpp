// Apps that imitate what the server knows its sandboxes by.
#include "engines/process/instance_record.hpp"
#include "test/engines/engine_fixture.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

// Overwrites the argv[0] of the first process in its sandbox, which has the app's user.
const std::string renaming = R"(
use strict;
$| = 1;
open my $stat, '<', '/proc/1/stat' or die "stat: $!";
my ($rest) = <$stat> =~ /.*\) (.*)/;
my $begin = (split ' ', $rest)[45];
open my $memory, '+<', '/proc/1/mem' or die "mem: $!";
seek $memory, $begin, 0;
print $memory 'renamed' or die "write: $!";
close $memory or die "write: $!";
print "renamed\n";
sleep 1000;
)";

// Two processes with the sandbox's own name, and one with that of a job that does not exist.
const std::string imitating = R"(
use strict;
$| = 1;
open my $own, '<', '/proc/1/cmdline' or die;
my ($mark) = split /\0/, <$own>;
my ($prefix) = $mark =~ /^(pawl-[^:]*:)/;
for my $name ($mark, $mark, "${prefix}instance-ghost-1") {
  exec { '/bin/sleep' } $name, '1000' if fork == 0;
}
print "imitating\n";
sleep 1000;
)";

struct imitation_fixture : engine_fixture {
  void start(const std::string& script) {
    BOOST_TEST_REQUIRE(
        message_of(engine->start(app("d1", {{"app.pl", script}}, "exec perl app.pl"))) == "");
  }
  bool says(const std::string& line) {
    return eventually(
        [&] { return engine->logs().last_lines("d1-1", 1) == std::vector<std::string>{line}; });
  }
  std::filesystem::path instances() const { return home.path() / "instances"; }
  instance_record record() {
    return *read_record(instances() / "d1-1" / "record.json",
                        sandbox_host{config}.mark_of("instance-d1-1"));
  }
  void without_control_groups() {
    config.cgroup_root = home.path() / "none";
    open();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(process_engine_imitations)

BOOST_FIXTURE_TEST_CASE(an_app_that_renames_its_first_process_is_found_and_stopped,
                        imitation_fixture) {
  without_control_groups();
  start(renaming);
  BOOST_TEST_REQUIRE(says("renamed"));
  const auto known = record();
  BOOST_TEST_REQUIRE(called_as(known.init).starts_with("renamed"));
  BOOST_TEST(processes() == 2U);
  open();
  const auto found = engine->list();
  BOOST_TEST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->front().state == instance_state::running);
  BOOST_TEST(message_of(engine->stop("d1-1", 0s)) == "");
  BOOST_TEST(!is_running(known.init, known.init_started));
}

BOOST_FIXTURE_TEST_CASE(an_app_that_renames_its_first_process_and_has_no_record_is_killed,
                        imitation_fixture) {
  without_control_groups();
  start(renaming);
  BOOST_TEST_REQUIRE(says("renamed"));
  const auto known = record();
  std::filesystem::remove_all(instances());
  open();
  BOOST_TEST(engine->list()->empty());
  BOOST_TEST(!is_running(known.init, known.init_started));
}

BOOST_FIXTURE_TEST_CASE(processes_that_an_app_names_as_its_sandbox_are_none_of_the_servers,
                        imitation_fixture) {
  start(imitating);
  BOOST_TEST_REQUIRE(says("imitating"));
  const auto init = record().init;
  const auto imitations = [&] {
    const auto children = descendants(init);
    return std::count_if(children.begin(), children.end(),
                         [](pid_t pid) { return called_as(pid).starts_with("pawl-"); });
  };
  BOOST_TEST_REQUIRE(eventually([&] { return imitations() == 3; }));
  BOOST_TEST(processes() == 2U);
  const sandbox_host host{config};
  BOOST_TEST((host.jobs_found() == std::set<std::string>{"instance-d1-1"}));
  BOOST_TEST(host.kill_job("instance-ghost-1"));
  open();
  BOOST_TEST(engine->list()->size() == 1U);
  BOOST_TEST(imitations() == 3);
}

BOOST_AUTO_TEST_SUITE_END()
