#include "test/engines/engine_fixture.hpp"

#include "engines/process/instance_record.hpp"
#include "posix/port_lease.hpp"
#include "test/support/batch_thread.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <future>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

// Answers each connection with one line, and says when it is asked to stop.
const std::string server = R"(
use Socket;
$| = 1;
sub stop { select(undef, undef, undef, $ENV{NEEDS_TO_STOP} // 0); print "stopping\n"; exit 3 }
$SIG{TERM} = $ENV{STUBBORN} ? 'IGNORE' : \&stop;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
bind($s, sockaddr_in($ENV{PORT}, inet_aton($ENV{HOST}))) or die "bind: $!";
listen($s, 10);
print "listening\n";
while (1) {
  accept(my $c, $s) or next;
  send($c, "$ENV{PAWL_INSTANCE} $ENV{PAWL_CLUSTER}\n", 0);
  close $c;
}
)";

std::uint16_t port_of(const std::string& address) {
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

std::string ask_once(const std::string& address) {
  descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = ::htons(port_of(address));
  ::inet_pton(AF_INET, address.substr(0, address.rfind(':')).c_str(), &to.sin_addr);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    return {};
  std::array<char, 200> answer{};
  auto got = ::recv(socket.get(), answer.data(), answer.size(), 0);
  return got > 0 ? std::string{answer.data(), static_cast<std::size_t>(got)} : "";
}

// Until it answers.
std::string ask(const std::string& address) {
  std::string answer;
  eventually([&] { return !(answer = ask_once(address)).empty(); });
  return answer;
}

struct instance_fixture : engine_fixture {
  instance_spec serving(const std::string& deployment) {
    return app(deployment, {{"server.pl", server}}, "exec perl server.pl");
  }

  std::future<instance> ended(const std::string& name) {
    auto promise = std::make_shared<std::promise<instance>>();
    engine->watch(name, [promise](instance one) { promise->set_value(std::move(one)); });
    return promise->get_future();
  }

  static instance get(std::future<instance> later) {
    BOOST_TEST_REQUIRE(later.wait_for(patience) == std::future_status::ready);
    return later.get();
  }

  instance_record record(const std::string& name) {
    return *read_record(home.path() / "instances" / name / "record.json",
                        sandbox_host{config}.mark_of("instance-" + name));
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(process_engine_instances)

BOOST_FIXTURE_TEST_CASE(an_instance_answers_on_its_port, instance_fixture) {
  auto started = engine->start(serving("d1"));
  BOOST_TEST_REQUIRE(message_of(started) == "");
  BOOST_TEST(ask(started->address) == "d1-1 local\n");
}

BOOST_FIXTURE_TEST_CASE(an_instance_is_scheduled_as_usual_whoever_starts_it, instance_fixture) {
  in_batch_thread([&] { BOOST_TEST(message_of(engine->start(serving("d1"))) == ""); });
  BOOST_TEST(::sched_getscheduler(record("d1-1").init) == SCHED_OTHER);
}

BOOST_FIXTURE_TEST_CASE(starting_again_gives_the_one_that_runs, instance_fixture) {
  auto spec = serving("d1");
  auto first = engine->start(spec);
  auto again = engine->start(spec);
  BOOST_TEST_REQUIRE(message_of(again) == "");
  BOOST_TEST(first->address == again->address);
  BOOST_TEST_REQUIRE(ask(first->address) != ""); // until then a third one is about to execute it
  BOOST_TEST(processes() == 2U);
}

BOOST_FIXTURE_TEST_CASE(an_instance_without_its_artifact_is_not_found, instance_fixture) {
  auto spec = serving("d1");
  spec.artifact.back() = spec.artifact.back() == '0' ? '1' : '0';
  BOOST_TEST(code_of(engine->start(spec)) == "not_found");
}

BOOST_FIXTURE_TEST_CASE(an_instance_outlives_the_engine_and_is_found_again, instance_fixture) {
  auto started = engine->start(serving("d1"));
  BOOST_TEST_REQUIRE(message_of(started) == "");
  open();
  auto found = engine->list();
  BOOST_TEST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->front().name == "d1-1");
  BOOST_TEST(found->front().address == started->address);
  BOOST_TEST(found->front().state == instance_state::running);
  BOOST_TEST(ask(started->address) == "d1-1 local\n");
}

BOOST_FIXTURE_TEST_CASE(a_port_stays_an_instances_own_though_its_app_does_not_listen,
                        instance_fixture) {
  auto started = engine->start(app("d1", {}, "exec sleep 1000"));
  BOOST_TEST_REQUIRE(message_of(started) == "");
  const auto port = port_of(started->address);
  const port_range only{port, port};
  BOOST_TEST(code_of(lease_port(only)) == "resource_exhausted");
  open();
  BOOST_TEST_REQUIRE(engine->list()->size() == 1U);
  BOOST_TEST(code_of(lease_port(only)) == "resource_exhausted");
  BOOST_TEST_REQUIRE(message_of(engine->stop("d1-1", 0s)) == "");
  BOOST_TEST(message_of(lease_port(only)) == "");
}

BOOST_FIXTURE_TEST_CASE(an_instance_outlives_a_server_that_is_killed, instance_fixture) {
  auto spec = serving("d1");
  engine.reset(); // one engine at a time, and no thread across the fork
  std::array<int, 2> ends{};
  BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  auto server_process = ::fork();
  if (server_process == 0) {
    process_engine other{config};
    auto started = other.start(spec);
    auto said = started ? started->address : "";
    [[maybe_unused]] auto sent = ::write(ends[1], said.data(), said.size());
    ::pause();
  }
  std::array<char, 100> address{};
  auto got = ::read(ends[0], address.data(), address.size());
  BOOST_TEST_REQUIRE(got > 0);
  ::kill(server_process, SIGKILL);
  ::waitpid(server_process, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
  std::string where{address.data(), static_cast<std::size_t>(got)};
  BOOST_TEST(ask(where) == "d1-1 local\n");

  open();
  auto found = engine->list();
  BOOST_TEST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->front().address == where);
  auto later = ended("d1-1");
  BOOST_TEST(message_of(engine->stop("d1-1", 5s)) == "");
  auto last = get(std::move(later));
  BOOST_TEST(last.exit_status.value_or(-1) == 3);
  BOOST_TEST(processes() == 0U);
  BOOST_TEST(ask_once(where) == "");
}

BOOST_FIXTURE_TEST_CASE(stop_asks_politely_and_the_log_stays, instance_fixture) {
  auto started = engine->start(serving("d1"));
  BOOST_TEST_REQUIRE(ask(started->address) != "");
  auto before = std::chrono::steady_clock::now();
  BOOST_TEST(message_of(engine->stop("d1-1", 2 * patience)) == "");
  BOOST_TEST((std::chrono::steady_clock::now() - before) < patience);
  BOOST_TEST(processes() == 0U);
  BOOST_TEST(engine->list()->empty());
  auto log = engine->logs().last_lines("d1-1", 10);
  BOOST_TEST_REQUIRE(log.size() == 2U);
  BOOST_TEST(log[0] == "listening");
  BOOST_TEST(log[1] == "stopping");
  BOOST_TEST(message_of(engine->stop("d1-1", 2 * patience)) == "");
}

BOOST_FIXTURE_TEST_CASE(stop_asks_the_children_of_a_shell_too, instance_fixture) {
  auto spec = serving("d1");
  spec.settings.run.command = "perl server.pl; echo after";
  spec.settings.run.env["NEEDS_TO_STOP"] = "0.5"; // the shell has ended long before
  auto started = engine->start(spec);
  BOOST_TEST_REQUIRE(ask(started->address) != "");
  BOOST_TEST(message_of(engine->stop("d1-1", 2 * patience)) == "");
  auto log = engine->logs().last_lines("d1-1", 10);
  BOOST_TEST(std::find(log.begin(), log.end(), "stopping") != log.end());
}

BOOST_FIXTURE_TEST_CASE(stop_ends_by_force_what_ignores_it, instance_fixture) {
  auto spec = serving("d1");
  spec.settings.run.env["STUBBORN"] = "1";
  auto started = engine->start(spec);
  BOOST_TEST_REQUIRE(ask(started->address) != "");
  auto later = ended("d1-1");
  BOOST_TEST(message_of(engine->stop("d1-1", 200ms)) == "");
  auto last = get(std::move(later));
  BOOST_TEST(last.exit_status.value_or(-1) == 137);
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_exit_is_told_with_its_status_and_listed_until_the_stop,
                        instance_fixture) {
  auto spec = serving("d1");
  spec.settings.run.command = "exit 4";
  BOOST_TEST_REQUIRE(message_of(engine->start(spec)) == "");
  auto one = get(ended("d1-1"));
  BOOST_TEST(one.state == instance_state::exited);
  BOOST_TEST(one.exit_status.value_or(-1) == 4);
  BOOST_TEST(get(ended("d1-1")).exit_status.value_or(-1) == 4);
  auto found = engine->list();
  BOOST_TEST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->front().state == instance_state::exited);
  BOOST_TEST(message_of(engine->stop("d1-1", 0ms)) == "");
  BOOST_TEST(engine->list()->empty());
}

BOOST_FIXTURE_TEST_CASE(watching_what_does_not_exist_calls_back_at_once, instance_fixture) {
  BOOST_TEST(get(ended("nobody-1")).state == instance_state::exited);
}

BOOST_FIXTURE_TEST_CASE(an_instance_that_a_crash_left_half_started_is_removed, instance_fixture) {
  auto spec = serving("d1");
  auto started = engine->start(spec);
  BOOST_TEST_REQUIRE(ask(started->address) != "");
  auto cut = record("d1-1");
  cut.outer = cut.init = 0;
  BOOST_TEST_REQUIRE(
      message_of(write_record(home.path() / "instances" / "d1-1" / "record.json", cut)) == "");
  open();
  BOOST_TEST(engine->list()->empty());
  BOOST_TEST(processes() == 0U);
  BOOST_TEST(ask_once(started->address) == "");
}

BOOST_FIXTURE_TEST_CASE(a_process_without_a_record_is_killed, instance_fixture) {
  BOOST_TEST_REQUIRE(message_of(engine->start(serving("d1"))) == "");
  std::filesystem::remove_all(home.path() / "instances");
  open();
  BOOST_TEST(engine->list()->empty());
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_instance_from_before_a_reboot_has_exited, instance_fixture) {
  auto started = engine->start(serving("d1"));
  BOOST_TEST_REQUIRE(ask(started->address) != "");
  auto old = record("d1-1");
  old.boot = "another";
  BOOST_TEST_REQUIRE(
      message_of(write_record(home.path() / "instances" / "d1-1" / "record.json", old)) == "");
  open();
  auto found = engine->list();
  BOOST_TEST_REQUIRE(found->size() == 1U);
  BOOST_TEST(found->front().state == instance_state::exited);
}

BOOST_FIXTURE_TEST_CASE(an_app_whose_outer_process_was_killed_runs_on_and_is_stopped,
                        instance_fixture) {
  auto started = engine->start(serving("d1"));
  BOOST_TEST_REQUIRE(ask(started->address) != "");
  ::kill(record("d1-1").outer, SIGKILL);
  BOOST_TEST(ask(started->address) == "d1-1 local\n");
  BOOST_TEST(engine->list()->front().state == instance_state::running);
  auto later = ended("d1-1");
  BOOST_TEST(message_of(engine->stop("d1-1", 5s)) == "");
  get(std::move(later));
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_instance_cannot_take_more_memory_than_its_cluster_gives,
                        instance_fixture) {
  if (!sandbox_host{config}.groups().usable())
    return;
  auto spec = serving("d1");
  spec.memory_bytes = 32 * limits::mib;
  spec.settings.run.command = "exec perl -e '$x = \"a\" x 500_000_000; sleep 1000'";
  BOOST_TEST_REQUIRE(message_of(engine->start(spec)) == "");
  auto end = get(ended("d1-1"));
  BOOST_TEST(end.exit_status.value_or(-1) == 137);
  BOOST_TEST(end.out_of_memory);
  BOOST_TEST(
      (engine->logs().last_lines("d1-1", 1) ==
       std::vector<std::string>{"pawl: d1-1 was killed: it used more than 32 MiB of memory"}));
  open();
  BOOST_TEST(engine->list()->front().out_of_memory);
  BOOST_TEST(engine->logs().last_lines("d1-1", 5).size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(an_instance_gets_no_more_of_the_processors_than_its_cluster_gives,
                        instance_fixture) {
  if (!sandbox_host{config}.groups().usable())
    return;
  auto spec = serving("d1");
  spec.cpus = 0.1;
  spec.settings.run.command = "exec perl -e '1 while 1'";
  BOOST_TEST_REQUIRE(message_of(engine->start(spec)) == "");
  // The kernel counts the periods in which the group had to wait.
  auto throttled = [&] {
    for (const auto* base : {"cpu/pawl", "pawl"}) {
      std::error_code none;
      for (const auto& mark :
           std::filesystem::directory_iterator{config.cgroup_root / base, none}) {
        auto text = read(mark.path() / "instance-d1-1" / "cpu.stat");
        auto at = text.find("nr_throttled ");
        if (at != std::string::npos && std::stoul(text.substr(at + 13)) > 0)
          return true;
      }
    }
    return false;
  };
  BOOST_TEST(eventually(throttled));
}

BOOST_FIXTURE_TEST_CASE(a_log_goes_on_over_the_restarts_of_its_instance, instance_fixture) {
  auto spec = serving("d1");
  spec.settings.run.command = "echo life; printf unfinished";
  BOOST_TEST_REQUIRE(message_of(engine->start(spec)) == "");
  get(ended("d1-1"));
  auto first = engine->logs().read("d1-1", 0, 10, false);
  BOOST_TEST(first.lines == (std::vector<std::string>{"life"}), boost::test_tools::per_element());
  BOOST_TEST(!first.stopped);
  std::promise<void> grown;
  auto watch = engine->logs().watch("d1-1", first, [&] { grown.set_value(); });
  BOOST_TEST_REQUIRE(message_of(engine->start(spec)) == "");
  BOOST_TEST(grown.get_future().wait_for(patience) == std::future_status::ready);
  get(ended("d1-1"));
  auto second = engine->logs().read("d1-1", first.next, 10, false);
  BOOST_TEST(second.lines == (std::vector<std::string>{"unfinished", "life"}),
             boost::test_tools::per_element());
  BOOST_TEST(message_of(engine->stop("d1-1", 1s)) == "");
  auto last = engine->logs().read("d1-1", second.next, 10, false);
  BOOST_TEST(last.lines == (std::vector<std::string>{"unfinished"}),
             boost::test_tools::per_element());
  BOOST_TEST(last.stopped);
  BOOST_TEST(last.at_end);
  BOOST_TEST(engine->logs().last_lines_begin("d1-1", 2) == first.next + 11);
}

BOOST_FIXTURE_TEST_CASE(without_control_groups_the_engine_warns_and_works, instance_fixture) {
  config.cgroup_root = home.path() / "none";
  open();
  auto checked = engine->check();
  BOOST_TEST_REQUIRE(message_of(checked) == "");
  BOOST_TEST(checked->size() == 1U);
  auto started = engine->start(serving("d1"));
  BOOST_TEST_REQUIRE(message_of(started) == "");
  BOOST_TEST(ask(started->address) == "d1-1 local\n");
  BOOST_TEST(message_of(engine->stop("d1-1", 5s)) == "");
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(tail_gives_the_last_lines_and_cuts_long_ones, instance_fixture) {
  auto spec = serving("d1");
  spec.settings.run.command = "seq 1000; head -c 20000 /dev/zero | tr '\\0' x; echo; echo end";
  BOOST_TEST_REQUIRE(message_of(engine->start(spec)) == "");
  get(ended("d1-1"));
  auto log = engine->logs().last_lines("d1-1", 5);
  BOOST_TEST_REQUIRE(log.size() == 5U);
  BOOST_TEST(log[0] == "1000");
  BOOST_TEST(log[1].size() == limits::log_line_bytes);
  BOOST_TEST(log[4] == "end");
  BOOST_TEST(engine->logs().last_lines("nobody-1", 5).empty());
}

BOOST_FIXTURE_TEST_CASE(several_instances_start_at_once_on_ports_of_their_own, instance_fixture) {
  auto spec = serving("d1");
  std::vector<std::future<result<instance>>> starts;
  for (int i = 1; i <= 6; ++i) {
    spec.name = "d1-" + std::to_string(i);
    starts.push_back(std::async(std::launch::async, [this, spec] { return engine->start(spec); }));
  }
  std::set<std::string> addresses;
  for (auto& start : starts) {
    auto started = start.get();
    BOOST_TEST_REQUIRE(message_of(started) == "");
    addresses.insert(started->address);
  }
  BOOST_TEST(addresses.size() == 6U);
  for (const auto& address : addresses)
    BOOST_TEST(ask(address) != "");
}

BOOST_AUTO_TEST_SUITE_END()
