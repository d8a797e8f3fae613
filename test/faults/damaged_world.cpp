#include "test/faults/damaged_world.hpp"

#include <csignal>
#include <fmt/format.h>

namespace pawl::test {

namespace fs = std::filesystem;

namespace {

const std::string clusters = "[cluster.local]\ndrain = \"100ms\"\nwatch_period = \"0s\"\n"
                             "[cluster.staging]\ndrain = \"100ms\"\nwatch_period = \"0s\"\n";

// As the kernel names it in /proc: 'T' is stopped, 'Z' has ended; '-' if there is no such process.
char state_of(pid_t process) {
  const auto stat = read_text("/proc/" + std::to_string(process) + "/stat");
  const auto name_end = stat.rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat.size() ? stat[name_end + 2] : '-';
}

bool is_stopped(pid_t process) {
  return state_of(process) == 'T';
}

// Also while its threads, or whoever traces them, are not done with it.
bool has_died(pid_t process) {
  const auto state = state_of(process);
  return state == 'Z' || state == 'X' || state == '-';
}

} // namespace

ending ending::any_of(std::set<int> statuses) {
  ending made{0};
  made.allowed_ = std::move(statuses);
  return made;
}

clients one(std::unique_ptr<program> client) {
  clients all;
  all.push_back(std::move(client));
  return all;
}

void let_through(gate& door) {
  BOOST_REQUIRE(door.reached());
  door.open();
}

std::vector<std::string> places(const std::string& kind, const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const auto& name : names)
    for (const auto* moment : {" before", " after"})
      all.push_back(kind + " " + name + moment);
  return all;
}

tracer::tracer(running_server& server, const words& options) : traced_(server.server().pid()) {
  words command{"/usr/bin/strace", "-f", "-p", std::to_string(traced_), "-o", "/dev/null"};
  for (const auto& option : options)
    command.insert(command.end(), {"-e", option});
  program_plan plan{std::move(command)};
  plan.environment = {{"PATH", "/usr/bin:/bin"}};
  plan.directory = server.place();
  plan.out = server.place() / "output" / "strace.out";
  plan.err = server.place() / "output" / "strace.err";
  strace_ = std::make_unique<program>(plan);
  BOOST_REQUIRE_MESSAGE(eventually([&] { return mentions(strace_->err(), "attached"); }),
                        "strace does not attach: " << strace_->err());
}

// strace lets go of each thread by waiting for it to stop, and a thread of a process that dies
// meanwhile never stops. Killed, it waits for nothing: the kernel lets go of all threads.
void tracer::end() {
  strace_->signal(SIGINT);
  static_cast<void>(eventually([&] { return !strace_->running() || has_died(traced_); }));
  strace_->signal(SIGKILL);
  strace_->wait();
}

damaged_world::damaged_world(std::optional<std::uint64_t> disk) : server_(clusters) {
  server_.stop();
  if (disk)
    server_.give_disk(*disk);
  server_.set_environment({{"PAWL_FAILPOINTS", (server_.place() / "failpoint").string()}});
  server_.start();
  for (int i = 0; i < 2; ++i)
    check_exit(deploy()->wait(), 0);
  sample_app blog{.name = "blog", .build = building_.command()};
  blog_viewer_ = begin_deploy(server_, blog, {"-C", "local", "-m", blog.greeting});
  // It has to wait for as long as a test lasts; and keeps its port meanwhile, though nothing
  // listens there: a server that is down keeps none, and a test beside this one would be given it.
  const std::string keeping = "perl -MSocket -e 'socket S, PF_INET, SOCK_STREAM, 0; bind S, "
                              "sockaddr_in($ENV{PORT}, INADDR_LOOPBACK) or die; system @ARGV' ";
  sample_app wiki{.name = "wiki",
                  .run = keeping + activating_.command() + "; exec perl serve.pl",
                  .health = "path = \"/healthz\"\ninterval = \"50ms\"\nhealthy_threshold = 1\n"
                            "deadline = \"10m\"\n"};
  wiki_viewer_ = begin_deploy(server_, wiki, {"-C", "local"});
  BOOST_REQUIRE(building_.reached());
  BOOST_REQUIRE(activating_.reached());
  blog_ = in_flight("blog");
  wiki_ = in_flight("wiki");
  check_invariants();
}

void damaged_world::end_blog() {
  if (!blog_fails_)
    building_.open();
  check_exit(blog_viewer_->wait(), blog_fails_ ? exits::internal : 0);
  blog_ended_ = true;
}

void damaged_world::finish() {
  if (!blog_ended_)
    end_blog();
  activating_.open();
  check_exit(wiki_viewer_->wait(), 0);
  check_journal(server_, blog_);
  check_journal(server_, wiki_);
}

void damaged_world::die_at(const std::string& place, const endings& ends,
                           const std::function<clients()>& work,
                           const std::function<void()>& held) {
  BOOST_TEST_CONTEXT(place) {
    const auto before = now();
    write_text(server_.place() / "failpoint", place);
    const auto all = work();
    BOOST_REQUIRE_MESSAGE(eventually([&] { return !server_.server().running(); }),
                          "the server did not come to this place");
    BOOST_TEST(server_.server().wait().status == killed);
    write_text(server_.place() / "failpoint", "");
    go_on_after_death(before, all, ends, held);
  }
}

void damaged_world::lose_flushes_at(const std::string& place, const endings& ends,
                                    const std::function<clients()>& work,
                                    const std::function<void()>& held) {
  BOOST_TEST_CONTEXT(place) {
    const auto before = now();
    write_text(server_.place() / "failpoint", "stop " + place);
    const auto all = work();
    wait_until_stopped();
    tracer disk{server_, {"trace=fdatasync", "inject=fdatasync:error=EIO"}};
    server_.server().signal(SIGCONT);
    BOOST_REQUIRE_MESSAGE(eventually([&] { return !server_.server().running(); }),
                          "the server goes on without its disk");
    BOOST_TEST(server_.server().wait().status == exits::internal);
    BOOST_TEST(mentions(server_.log(), "Input/output error"), server_.log());
    disk.end();
    go_on_after_death(before, all, ends, held);
  }
}

void damaged_world::go_on_after_death(const moment& before, const clients& all, const endings& ends,
                                      const std::function<void()>& held) {
  check_between(before);
  restart();
  held();
  check_ends(all, ends);
  check_invariants();
}

void damaged_world::wait_until_stopped() {
  BOOST_REQUIRE_MESSAGE(eventually([&] { return is_stopped(server_.server().pid()); }),
                        "the server did not come to this place");
  write_text(server_.place() / "failpoint", "");
}

bool damaged_world::die_at_call(const std::string& call, unsigned n, const endings& ends,
                                const std::function<clients()>& work) {
  bool died = false;
  BOOST_TEST_CONTEXT(call << " number " << n) {
    const auto before = now();
    tracer killer{server_,
                  {"trace=" + call, "inject=" + call + ":signal=KILL:when=" + std::to_string(n)}};
    const auto all = work();
    BOOST_REQUIRE_MESSAGE(eventually([&] {
                            return !server_.server().running() ||
                                   std::none_of(all.begin(), all.end(),
                                                [](const auto& one) { return one->running(); });
                          }),
                          "neither the server nor its clients end:\n"
                              << server_.log());
    killer.end();
    died = !server_.still_lives();
    if (died) {
      check_between(before);
      restart();
    }
    if (died && was_never_welcomed(*all.back()))
      check_exit(ask_again()->wait(), 0);
    else
      check_ends(all, ends);
    check_invariants();
  }
  return died;
}

void damaged_world::strike(const endings& ends, const std::function<clients()>& work,
                           const std::function<void(const clients&)>& blow) {
  const auto all = work();
  blow(all);
  if (!server_.server().running())
    restart();
  check_ends(all, ends);
  check_invariants();
}

void damaged_world::stop_at(const std::string& place, const endings& ends,
                            const std::function<clients()>& work,
                            const std::function<void(const clients&)>& blow,
                            const std::function<void()>& then) {
  BOOST_TEST_CONTEXT(place) {
    write_text(server_.place() / "failpoint", "stop " + place);
    const auto all = work();
    wait_until_stopped();
    blow(all);
    server_.server().signal(SIGCONT);
    then();
    check_ends(all, ends);
    check_invariants();
  }
}

// Then it has asked for nothing, and there is nothing that it could find again.
bool damaged_world::was_never_welcomed(program& client) {
  const auto end = client.wait();
  return end.status == exits::unavailable &&
         !mentions(end.err, "the connection to the server was lost") && !last_is_accepted();
}

void damaged_world::check_ends(const clients& all, const endings& ends) {
  BOOST_REQUIRE_EQUAL(all.size(), ends.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto end = all[i]->wait();
    BOOST_TEST(ends[i].allows(end.status), fmt::format("client {} of {} ended with {}: {}{}", i + 1,
                                                       all.size(), end.status, end.out, end.err));
  }
}

void damaged_world::restart() {
  server_.start();
  if (!blog_ended_)
    BOOST_REQUIRE(building_.reached());
}

std::unique_ptr<program> damaged_world::deploy(sample_app how, const words& flags) {
  const auto number = std::to_string(++requests_);
  how.greeting = "g" + number;
  // Two that wait at once are sent from directories of their own.
  const auto directory = server_.place() / "sent" / number;
  fs::create_directories(directory);
  last_deploy_ = {"deploy",       write_app(directory, how), "-C", "local", "-m", how.greeting,
                  "--request-id", "request-" + number};
  last_deploy_.insert(last_deploy_.end(), flags.begin(), flags.end());
  return server_.begin(last_deploy_);
}

std::unique_ptr<program>
damaged_world::unharmed(const std::function<std::unique_ptr<program>()>& work) {
  const auto place = read_text(server_.place() / "failpoint");
  write_text(server_.place() / "failpoint", "");
  auto client = work();
  write_text(server_.place() / "failpoint", place);
  return client;
}

std::unique_ptr<program> damaged_world::deploy_to(gate& door) {
  return deploy_to(door, {.build = door.command()});
}

std::unique_ptr<program> damaged_world::deploy_to(gate& door, const sample_app& how) {
  return unharmed([&] {
    auto client = deploy(how);
    BOOST_REQUIRE(door.reached());
    return client;
  });
}

clients damaged_world::deploy_behind(gate& door, const words& flags) {
  auto both = one(deploy_to(door));
  both.push_back(deploy({}, flags));
  return both;
}

std::unique_ptr<program> damaged_world::deploy_queued() {
  return unharmed([&] {
    auto client = deploy({}, {"--queue"});
    BOOST_REQUIRE(eventually([&] {
      const auto end = server_.pawl({"history", "-n", "1", "--json"});
      return document_of(end).at("deployments").at(0).at("state") == "queued";
    }));
    return client;
  });
}

bool damaged_world::last_is_accepted() {
  const auto list = history();
  return std::any_of(list.begin(), list.end(), [&](const json& one) {
    return one.at("request_id") == "request-" + std::to_string(requests_);
  });
}

std::string damaged_world::other_version(const std::string& cluster) {
  for (const auto& lane : lanes())
    if (lane.at("app") == "shop" && lane.at("cluster") == cluster && !lane.at("active").is_null() &&
        lane.at("active").at("version") == "v1")
      return "v2";
  return "v1";
}

std::string damaged_world::job(const std::string& kind) {
  const auto serving = "instance-" + serving_instance();
  for (const auto& one : server_.jobs())
    if (one.starts_with(kind) && one != serving && !mentions(one, blog_) && !mentions(one, wiki_))
      return one;
  BOOST_FAIL("nothing runs that is a " << kind);
  return {};
}

std::string damaged_world::serving_instance() {
  for (const auto& [id, record] : known_)
    if (record.at("state") == "active" && record.at("app") == "shop" &&
        record.at("cluster") == "local")
      return id + "-1";
  return {};
}

void damaged_world::kill_serving_instance() {
  for (const auto& [id, record] : known_)
    if (record.at("state") == "active" && record.at("app") == "shop")
      if (const auto pid = server_.instance_pid(id + "-1"); pid > 0)
        ::kill(pid, SIGKILL);
}

void damaged_world::kill_newest_instance() {
  std::string newest;
  fs::file_time_type when = {};
  for (const auto& entry : fs::directory_iterator{server_.data() / "instances"})
    if (newest.empty() || entry.last_write_time() > when) {
      newest = entry.path().filename();
      when = entry.last_write_time();
    }
  const auto pid = server_.instance_pid(newest);
  BOOST_REQUIRE(pid > 0);
  ::kill(pid, SIGKILL);
  BOOST_REQUIRE(eventually([&] { return has_died(pid); }));
}

} // namespace pawl::test
