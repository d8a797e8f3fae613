// The world around the server fails: descriptors, processes, memory, time. Everything acknowledged
// holds, and when the resource is there again, the server works again.
#include "test/faults/damaged_world.hpp"

#include <fmt/format.h>

#include <csignal>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using namespace pawl::test;

// A sanitizer needs what these tests take from the server: to ask whether memory is there, it opens
// a pipe, and its library must be the first that is loaded.
boost::test_tools::assertion_result with_plain_programs(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result plain{true};
#ifdef PAWL_ADDRESS_SANITIZER
  plain = false;
  plain.message() << "these programs have a sanitizer; the release build's tests run it";
#endif
  return plain;
}

constexpr unsigned nobody = 65534;

// The kernel counts the processes of a user, and not those of root.
std::optional<unsigned> somebody() {
  return ::geteuid() == 0 ? std::optional{nobody} : std::nullopt;
}

// Sets the soft limit of the running server; without `most` it is lifted to the hard one, which
// stays. Without CAP_SYS_RESOURCE root may not do that to another user's process: prlimit runs as
// that user.
void limit(running_server& server, const std::string& what, std::optional<rlim_t> most) {
  rlimit both{};
  BOOST_REQUIRE(::getrlimit(what == "as" ? RLIMIT_AS : RLIMIT_NPROC, &both) == 0);
  const auto bound = most.value_or(both.rlim_max);
  words command{
      "/usr/bin/prlimit", "--pid=" + std::to_string(server.server().pid()),
      fmt::format("--{}={}:", what, bound == RLIM_INFINITY ? "unlimited" : std::to_string(bound))};
  if (::geteuid() == 0)
    command.insert(command.begin(), {"/usr/bin/setpriv", "--reuid=" + std::to_string(nobody),
                                     "--regid=" + std::to_string(nobody), "--clear-groups", "--"});
  program_plan plan{std::move(command)};
  plan.directory = server.place();
  plan.out = server.place() / "output" / "prlimit.out";
  plan.err = server.place() / "output" / "prlimit.err";
  check_exit(program{plan}.wait(), 0);
}

// Address space, as the kernel counts it against RLIMIT_AS.
rlim_t address_space(running_server& server) {
  std::istringstream sizes{read_text(fmt::format("/proc/{}/statm", server.server().pid()))};
  rlim_t pages = 0;
  sizes >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void check_refused(const outcome& end, const std::string& advice) {
  check_exit(end, exits::unavailable);
  const auto why = document_of(end).at("error");
  BOOST_TEST(why.at("code") == "resource_exhausted", end.out);
  BOOST_TEST(mentions(why.at("message"), advice), end.out);
}

// Connections that say nothing.
class crowd {
public:
  crowd(const std::filesystem::path& socket, int count) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.native().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    for (int i = 0; i < count; ++i) {
      const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      static_cast<void>(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
      all_.push_back(fd);
    }
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  ~crowd() {
    for (const int fd : all_)
      ::close(fd);
  }

private:
  std::vector<int> all_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(resources_test)

// Fault: F19; hits: machine; at: request building; holds: I9.
BOOST_AUTO_TEST_CASE(without_descriptors_work_ends_in_order_and_the_door_opens_again,
                     *boost::unit_test::precondition(with_plain_programs)) {
  running_server server;
  deploy(server, {.greeting = "one"}); // the router runs: it could not start with so few
  server.stop();
  server.run_under({"/usr/bin/prlimit", "--nofile=96:96"});
  server.start();
  gate door;
  auto held = begin_deploy(server, {.greeting = "two", .build = door.command()}, {"--json"});
  BOOST_REQUIRE(door.reached());
  const auto id = in_flight_of(server);
  {
    crowd silent{server.socket(), 200};
    door.open();
    const auto end = held->wait();
    BOOST_TEST((end.status == 0 || end.status == exits::unavailable), end.out << end.err);
    BOOST_TEST(server.server().running());
  }
  // It went live, or it is recorded why not.
  BOOST_TEST(eventually([&] { return server.pawl({"status"}).status == 0; }));
  const auto record = show(server, id);
  if (record.at("state") != "active")
    BOOST_TEST(record.at("error").at("code") == "resource_exhausted");
  BOOST_TEST(server.answer_of("shop") == (record.at("state") == "active" ? "two" : "one"));
  deploy(server, {.greeting = "three"});
  BOOST_TEST(server.answer_of("shop") == "three");
}

// New work is refused before it is stored; what is in flight fails and says why; what serves goes
// on, and with room again so does everything else.
// Fault: F21; hits: machine; at: request building activating active; holds: I4 I5 I9.
BOOST_AUTO_TEST_CASE(without_threads_and_processes_work_is_refused_and_room_brings_it_back,
                     *boost::unit_test::precondition(with_plain_programs)) {
  running_server server{"[cluster.local]\ndrain = \"100ms\"\n", somebody()};
  const auto first = deploy(server, {.greeting = "one"});
  gate building;
  gate activating;
  auto blog = begin_deploy(server, {.name = "blog", .build = building.command()}, {"--json"});
  auto wiki = begin_deploy(
      server, {.name = "wiki", .run = activating.command() + "; exec perl serve.pl"}, {"--json"});
  BOOST_REQUIRE(building.reached());
  BOOST_REQUIRE(activating.reached());
  limit(server, "nproc", 1);
  check_refused(begin_deploy(server, {.greeting = "two"}, {"--json"})->wait(), "LimitNPROC=");
  check_refused(begin_deploy(server, {.name = "other"}, {"--json"})->wait(), "LimitNPROC=");
  BOOST_TEST(show(server, first.at("id")).at("state") == "active");
  building.open();
  check_refused(blog->wait(), "LimitNPROC=");
  BOOST_TEST(server.answer_of("shop") == "one");
  // It has all the threads that it needs to go live.
  activating.open();
  check_exit(wiki->wait(), 0);
  ::kill(server.instance_pid(first.at("id").get<std::string>() + "-1"), SIGKILL);
  const auto status = [&] { return server.pawl({"status", "-a", "shop"}).out; };
  BOOST_TEST(eventually([&] { return mentions(status(), "LimitNPROC="); }), status());
  limit(server, "nproc", {});
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "one"; }));
  deploy(server, {.name = "blog"});
  deploy(server, {.greeting = "three"});
  BOOST_TEST(server.answer_of("shop") == "three");
  // Nothing that failed is left behind.
  BOOST_TEST(eventually([&] {
    std::error_code none;
    return std::filesystem::is_empty(server.data() / "builds", none) &&
           std::filesystem::is_empty(server.data() / "uploads", none);
  }));
}

// Fault: F21; hits: machine; at: start; holds: I9.
BOOST_AUTO_TEST_CASE(a_start_without_threads_says_so_and_is_no_crash,
                     *boost::unit_test::precondition(with_plain_programs)) {
  running_server server{"[cluster.local]\n", somebody()};
  deploy(server, {.greeting = "one"});
  server.stop();
  server.run_under({"/usr/bin/prlimit", "--nproc=1:"});
  const auto end = server.begin_pawld("--config", server.place() / "pawld.toml")->wait();
  BOOST_TEST(end.status == exits::unavailable);
  BOOST_TEST(mentions(end.err, "LimitNPROC="), end.err);
  BOOST_TEST(!read_text(server.data() / "crashed").starts_with('!'));
  server.run_under({});
  server.start();
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "one"; }));
}

// It refuses, or it ends and is started again, as by systemd: whatever was acknowledged is there.
// Fault: F20; hits: machine; at: request building; holds: I1 I6 I8 I9.
BOOST_AUTO_TEST_CASE(without_memory_it_refuses_or_ends_and_loses_nothing_acknowledged,
                     *boost::unit_test::precondition(with_plain_programs)) {
  running_server server{"[cluster.local]\ndrain = \"100ms\"\n", somebody()};
  deploy(server, {.greeting = "one"});
  gate door;
  auto held = begin_deploy(server, {.name = "blog", .build = door.command()}, {"--json"});
  BOOST_REQUIRE(door.reached());
  constexpr int rounds = 6;
  constexpr rlim_t room = 256 * 1024; // more in each round, so that it comes further
  std::set<std::string> acknowledged;
  int ended = 0;
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    limit(server, "as", address_space(server) + room * static_cast<rlim_t>(round * round));
    const auto name = fmt::format("shop-{}", round);
    auto client = begin_deploy(server, {.name = name}, {"--json", "--request-id", name});
    static_cast<void>(eventually([&] { return !client->running() || !server.server().running(); }));
    if (!server.server().running()) {
      ++ended;
      BOOST_TEST(server.server().wait().status == exits::unavailable);
      BOOST_TEST(mentions(server.log(), "out of memory"), server.log());
      server.start();
      BOOST_REQUIRE(door.reached());
      // It goes on: else the next ends of the server would be taken for its doing.
      door.open();
      check_exit(held->wait(), 0);
      held = begin_deploy(server, {.name = "blog", .build = door.command()}, {"--json"});
      BOOST_REQUIRE(door.reached());
    } else {
      limit(server, "as", {});
    }
    const auto end = client->wait();
    BOOST_TEST((end.status == 0 || end.status == exits::unavailable), end.out << end.err);
    if (end.status == 0)
      acknowledged.insert(name);
    else
      ++refused;
    BOOST_TEST(server.answer_of("shop") == "one");
  }
  BOOST_TEST_MESSAGE(ended << " ends of the server, " << refused << " refusals");
  BOOST_TEST(ended + refused > 0, "there was memory enough");
  for (const auto& name : acknowledged)
    BOOST_TEST(eventually([&] { return server.answer_of(name) == "hello"; }), name);
  door.open();
  check_exit(held->wait(), 0);
  deploy(server, {.greeting = "two"});
  BOOST_TEST(server.answer_of("shop") == "two");
}

// The map can no longer double: what is free of it is for what is in flight.
// Fault: F7; hits: machine; at: request building active; holds: I3 I9.
BOOST_AUTO_TEST_CASE(with_a_full_map_new_work_is_refused_and_what_is_in_flight_comes_to_its_end,
                     *boost::unit_test::precondition(with_plain_programs)) {
  running_server server{"[cluster.local]\ndrain = \"100ms\"\n", somebody()};
  server.stop();
  server.set_environment({{"MALLOC_ARENA_MAX", "1"}}); // each arena more takes 64 MiB of it
  server.start();
  const auto first = deploy(server, {.greeting = "one"});
  gate door;
  auto held = begin_deploy(server, {.name = "blog", .build = door.command()}, {"--json"});
  BOOST_REQUIRE(door.reached());
  constexpr rlim_t threads = 110 * 1024 * 1024; // the next map has 128 MiB
  limit(server, "as", address_space(server) + threads);
  // Each journal takes a quarter of the map, and four of them all but the reserve.
  const std::string flood = "head -c 20000000 /dev/zero | tr '\\0' x | fold -w 8000";
  std::vector<std::unique_ptr<program>> floods;
  for (const auto* name : {"a", "b", "c"})
    floods.push_back(begin_deploy(server, {.name = name, .build = flood}, {"--json"}));
  for (const auto& one : floods)
    check_exit(one->wait(), 0);
  BOOST_TEST(eventually([&] {
    return begin_deploy(server, {.name = "d", .build = flood}, {"--json"})->wait().status != 0;
  }));
  check_refused(begin_deploy(server, {.greeting = "two"}, {"--json"})->wait(), "address space");
  BOOST_TEST(show(server, first.at("id")).at("state") == "active");
  BOOST_TEST(server.answer_of("shop") == "one");
  door.open(1);
  check_exit(held->wait(), exits::build_failed);
  limit(server, "as", {});
  deploy(server, {.greeting = "three"});
  BOOST_TEST(server.answer_of("shop") == "three");
}

// Fault: F18; hits: pawld; at: building; holds: I2 I3 I4.
BOOST_AUTO_TEST_CASE(a_server_that_was_stopped_for_a_while_goes_on_and_switches_once) {
  running_server server;
  deploy(server, {.greeting = "one"});
  auto client = begin_deploy(server, {.greeting = "two", .build = "sleep 0.3"}, {"--jsonl"});
  const auto id = in_flight_of(server);
  server.server().signal(SIGSTOP);
  // As long as the server sleeps, nothing moves: that is the fault, and not a wait for it.
  constexpr auto asleep = std::chrono::seconds{2};
  const auto before = server.answer_of("shop");
  BOOST_TEST(!eventually([&] { return server.answer_of("shop") != before; }, asleep));
  server.server().signal(SIGCONT);
  check_exit(client->wait(), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
  check_journal(server, id);
}

// Order goes by sequence, timeouts by a monotonic clock.
// Fault: F17; hits: machine; at: building; holds: I3 I12.
BOOST_AUTO_TEST_CASE(a_clock_that_jumps_by_a_day_breaks_nothing,
                     *boost::unit_test::precondition(with_plain_programs)) {
  constexpr const char* library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
  BOOST_REQUIRE(std::filesystem::exists(library));
  running_server server;
  server.stop();
  const auto clock = server.place() / "clock";
  write_text(clock, "+0\n");
  server.set_environment({{"LD_PRELOAD", library},
                          {"FAKETIME_TIMESTAMP_FILE", clock.string()},
                          {"FAKETIME_NO_CACHE", "1"},
                          {"FAKETIME_DONT_FAKE_MONOTONIC", "1"}});
  server.start();
  deploy(server, {.greeting = "one"});
  for (const auto* jump : {"+1d\n", "-1d\n", "+0\n"}) {
    gate door;
    auto client = begin_deploy(server, {.greeting = "two", .build = door.command()});
    BOOST_REQUIRE(door.reached());
    write_text(clock, jump);
    const auto id = in_flight_of(server);
    BOOST_TEST(show(server, id).at("state") == "building");
    door.open();
    check_exit(client->wait(), 0);
    check_journal(server, id);
    const auto newest = document_of(server.pawl({"history", "-n", "1", "--json"}));
    BOOST_TEST(newest.at("deployments").at(0).at("id") == id);
    BOOST_TEST(lane_of(server).at("active").at("id") == id);
  }
}

BOOST_AUTO_TEST_SUITE_END()
