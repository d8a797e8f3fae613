#include "test/faults/damaged_world.hpp"

#include "lifecycle/state_machine.hpp"

#include <csignal>

namespace pawl::test {

namespace fs = std::filesystem;

namespace {

const std::string clusters = "[cluster.local]\ndrain = \"100ms\"\nwatch_period = \"0s\"\n"
                             "[cluster.staging]\ndrain = \"100ms\"\nwatch_period = \"0s\"\n";

state state_named(const json& name) {
  return parse_state(name.get<std::string>()).value();
}

std::set<std::string> names_below(const fs::path& directory) {
  std::set<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator{directory, none})
    names.insert(entry.path().stem().string());
  return names;
}

bool is_stopped(pid_t process) {
  const auto stat = read_text("/proc/" + std::to_string(process) + "/stat");
  const auto name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.substr(name_end + 2, 1) == "T";
}

// The states that the events of a journal tell of.
std::vector<std::string> told_states(const std::vector<json>& events) {
  std::vector<std::string> told;
  for (const auto& event : events)
    if (event.at("event") == "state")
      told.push_back(event.at("state"));
  return told;
}

} // namespace

clients one(std::unique_ptr<program> client) {
  clients all;
  all.push_back(std::move(client));
  return all;
}

std::vector<std::string> places(const std::string& kind, const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const auto& name : names)
    for (const auto* moment : {" before", " after"})
      all.push_back(kind + " " + name + moment);
  return all;
}

tracer::tracer(running_server& server, const words& options) {
  words command{"/usr/bin/strace", "-f", "-p", std::to_string(server.server().pid()), "-o",
                "/dev/null"};
  for (const auto& option : options)
    command.insert(command.end(), {"-e", option});
  program_plan plan{std::move(command)};
  plan.environment = {{"PATH", "/usr/bin:/bin"}};
  plan.directory = server.place();
  plan.out = server.place() / "output" / "strace.out";
  plan.err = server.place() / "output" / "strace.err";
  strace_ = std::make_unique<program>(plan);
  BOOST_REQUIRE(eventually([&] { return mentions(strace_->err(), "attached"); }));
}

void tracer::detach() {
  strace_->signal(SIGINT);
  strace_->wait();
}

void tracer::leave_dead() {
  strace_->signal(SIGKILL);
  strace_->wait();
}

damaged_world::damaged_world() : server_(clusters) {
  server_.stop();
  server_.set_environment({{"PAWL_FAILPOINTS", (server_.place() / "failpoint").string()}});
  server_.start();
  for (int i = 0; i < 2; ++i)
    check_exit(deploy()->wait(), 0);
  sample_app blog{.name = "blog", .build = building_.command()};
  blog_viewer_ = begin_deploy(server_, blog, {"-C", "local"});
  // It has to wait for as long as a test lasts.
  sample_app wiki{.name = "wiki",
                  .run = activating_.command() + "; exec perl serve.pl",
                  .health = "path = \"/healthz\"\ninterval = \"50ms\"\nhealthy_threshold = 1\n"
                            "deadline = \"10m\"\n"};
  wiki_viewer_ = begin_deploy(server_, wiki, {"-C", "local"});
  BOOST_REQUIRE(building_.reached());
  BOOST_REQUIRE(activating_.reached());
  blog_ = in_flight("blog");
  wiki_ = in_flight("wiki");
  check_invariants();
}

void damaged_world::finish() {
  constexpr int internal = 12;
  if (!blog_fails_)
    building_.open();
  activating_.open();
  check_exit(blog_viewer_->wait(), blog_fails_ ? internal : 0);
  check_exit(wiki_viewer_->wait(), 0);
  check_journal(server_, blog_);
  check_journal(server_, wiki_);
}

void damaged_world::die_at(const std::string& place, const std::vector<int>& statuses,
                           const std::function<clients()>& work,
                           const std::function<void()>& held) {
  BOOST_TEST_CONTEXT(place) {
    const auto before = server_.answer_of("shop");
    const auto asked = requests_;
    write_text(server_.place() / "failpoint", place);
    const auto all = work();
    BOOST_REQUIRE_MESSAGE(eventually([&] { return !server_.server().running(); }),
                          "the server did not come to this place");
    BOOST_TEST(server_.server().wait().status == killed);
    write_text(server_.place() / "failpoint", "");
    check_between(before, asked);
    restart();
    held();
    check_ends(all, statuses);
    check_invariants();
  }
}

bool damaged_world::die_at_call(const std::string& call, unsigned n,
                                const std::vector<int>& statuses,
                                const std::function<clients()>& work) {
  bool died = false;
  BOOST_TEST_CONTEXT(call << " number " << n) {
    const auto before = server_.answer_of("shop");
    const auto asked = requests_;
    tracer killer{server_,
                  {"trace=" + call, "inject=" + call + ":signal=KILL:when=" + std::to_string(n)}};
    const auto all = work();
    BOOST_REQUIRE(eventually([&] {
      return !server_.server().running() ||
             std::none_of(all.begin(), all.end(), [](const auto& one) { return one->running(); });
    }));
    died = !server_.server().running();
    if (died) {
      killer.leave_dead();
      check_between(before, asked);
      restart();
    } else {
      killer.detach();
    }
    check_ends(all, statuses);
    check_invariants();
  }
  return died;
}

void damaged_world::strike(const std::set<int>& statuses, const std::function<clients()>& work,
                           const std::function<void(const clients&)>& blow) {
  const auto all = work();
  blow(all);
  if (!server_.server().running())
    restart();
  for (const auto& one : all) {
    const auto end = one->wait();
    BOOST_TEST(statuses.contains(end.status), end.out << end.err);
  }
  check_invariants();
}

void damaged_world::stop_at(const std::string& place, const std::set<int>& statuses,
                            const std::function<clients()>& work,
                            const std::function<void(const clients&)>& blow,
                            const std::function<void()>& then) {
  BOOST_TEST_CONTEXT(place) {
    write_text(server_.place() / "failpoint", "stop " + place);
    const auto all = work();
    BOOST_REQUIRE_MESSAGE(eventually([&] { return is_stopped(server_.server().pid()); }),
                          "the server did not come to this place");
    write_text(server_.place() / "failpoint", "");
    blow(all);
    server_.server().signal(SIGCONT);
    then();
    for (const auto& one : all) {
      const auto end = one->wait();
      BOOST_TEST(statuses.contains(end.status), end.out << end.err);
    }
    check_invariants();
  }
}

// While no server is there: its records are sound, and shop serves what it did, or what was asked
// for since then.
void damaged_world::check_between(const std::string& before, unsigned asked_before) {
  const auto sound = server_.begin_pawld("--verify", server_.data())->wait();
  BOOST_TEST(sound.status == 0, sound.out << sound.err);
  std::set<std::string> may{before, "g1", "g2"}; // the two that are gone back to
  for (auto request = asked_before + 1; request <= requests_; ++request)
    may.insert("g" + std::to_string(request));
  const auto now = server_.answer_of("shop");
  BOOST_TEST(may.contains(now), now << " answers instead of " << before);
}

void damaged_world::check_ends(const clients& all, const std::vector<int>& statuses) {
  BOOST_REQUIRE_EQUAL(all.size(), statuses.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    check_exit(all[i]->wait(), statuses[i]);
}

void damaged_world::restart() {
  server_.start();
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
}

json damaged_world::history() {
  const auto end = server_.pawl({"history", "-n", "1000", "--json"});
  check_exit(end, 0);
  return document_of(end).at("deployments");
}

json damaged_world::lanes() {
  const auto end = server_.pawl({"status", "--json"});
  check_exit(end, 0);
  return document_of(end).at("lanes");
}

// I5: all but the two that wait at a gate comes to its end.
void damaged_world::wait_for_rest() {
  BOOST_REQUIRE(eventually([&] {
    const auto all = lanes();
    return std::all_of(all.begin(), all.end(), [&](const json& lane) {
      const auto& in_flight = lane.at("in_flight");
      const auto& instances = lane.at("instances");
      return lane.at("queued").empty() &&
             std::all_of(instances.begin(), instances.end(),
                         [](const json& one) { return one.at("state") == "running"; }) &&
             (in_flight.is_null() || in_flight.at("id") == blog_ || in_flight.at("id") == wiki_);
    });
  }));
}

void damaged_world::check_invariants() {
  wait_for_rest();
  check_records();
  const auto all = lanes();
  for (const auto& lane : all)
    check_lane(lane);
  check_leftovers(all);
  check_request_again();
}

// I8: every record that was ever seen is there; I3: what has ended stays as it was.
void damaged_world::check_records() {
  std::map<std::string, json> now;
  for (const auto& record : history())
    now[record.at("id")] = record;
  for (const auto& [id, before] : known_) {
    BOOST_REQUIRE_MESSAGE(now.contains(id), "deployment " << id << " is lost");
    if (is_final(state_named(before.at("state"))))
      BOOST_TEST(now.at(id) == before, "deployment " << id << " was changed after its end");
  }
  for (const auto& [id, record] : now)
    if (!known_.contains(id) || known_.at(id) != record)
      check_record(record);
  known_ = std::move(now);
}

// I3: only moves of the table; the journal has no gap and no number twice, and tells the same.
void damaged_world::check_record(const json& record) {
  const auto& steps = record.at("transitions");
  for (std::size_t i = 1; i < steps.size(); ++i)
    BOOST_TEST(transition(state_named(steps[i - 1].at("state")), state_named(steps[i].at("state"))),
               record.dump());
  BOOST_TEST(steps.back().at("state") == record.at("state"));
  if (!is_settled(state_named(record.at("state"))))
    return;
  auto events = lines_of(server_.pawl({"attach", record.at("id"), "--jsonl"}).out);
  BOOST_REQUIRE(!events.empty());
  events.pop_back();
  for (std::size_t i = 0; i < events.size(); ++i)
    BOOST_TEST(events[i].at("seq") == i + 1);
  std::vector<std::string> lived;
  for (const auto& step : steps) {
    lived.push_back(step.at("state"));
    if (is_settled(state_named(step.at("state"))))
      break;
  }
  BOOST_TEST(told_states(events) == lived, boost::test_tools::per_element());
}

// I2: what the lane has active is the one active deployment of it; I4: and it is what answers.
void damaged_world::check_lane(const json& lane) {
  std::vector<std::string> active;
  for (const auto& [id, record] : known_)
    if (record.at("state") == "active" && record.at("app") == lane.at("app") &&
        record.at("cluster") == lane.at("cluster"))
      active.push_back(id);
  if (lane.at("active").is_null()) {
    BOOST_TEST(active.empty());
    return;
  }
  BOOST_REQUIRE_EQUAL(active.size(), 1U);
  BOOST_TEST(lane.at("active").at("id") == active.front());
  BOOST_REQUIRE_EQUAL(lane.at("instances").size(), 1U);
  BOOST_TEST(lane.at("instances").at(0).at("state") == "running");
  const auto version = lane.at("active").at("version");
  std::string greeting;
  for (const auto& [id, record] : known_)
    if (record.at("app") == lane.at("app") && record.at("version") == version &&
        record.at("operation") == "deploy")
      greeting = record.at("message");
  const auto host =
      lane.at("cluster") == "local" ? std::string{"shop"} : std::string{"shop-staging"};
  BOOST_TEST(eventually([&] { return server_.answer_of(host) == greeting; }),
             host << " answers " << server_.answer_of(host) << ", not " << greeting);
}

// I5: only instances of what serves or is in flight run, and nothing of others is on the disk.
void damaged_world::check_leftovers(const json& all) {
  std::set<std::string> instances{wiki_ + "-1"};
  for (const auto& lane : all)
    if (!lane.at("active").is_null())
      instances.insert(lane.at("active").at("id").get<std::string>() + "-1");
  std::set<std::string> jobs{"build-" + blog_};
  for (const auto& name : instances)
    jobs.insert("instance-" + name);
  static_cast<void>(eventually([&] { return server_.jobs() == jobs; }));
  BOOST_TEST(server_.jobs() == jobs, boost::test_tools::per_element());
  BOOST_TEST(eventually([&] { return names_below(server_.data() / "instances") == instances; }));
  const std::set<std::string> builds{blog_, wiki_};
  BOOST_TEST(eventually([&] { return names_below(server_.data() / "builds") == builds; }));
  BOOST_TEST(eventually([&] { return names_below(server_.data() / "uploads").empty(); }));
}

// I6: the same request again is the same deployment.
void damaged_world::check_request_again() {
  auto again = last_deploy_;
  again.emplace_back("--json");
  const auto end = server_.begin(again)->wait();
  const auto record = record_of(end);
  BOOST_TEST(known_.contains(record.at("id")));
  BOOST_TEST(record.at("request_id") == last_deploy_.at(7));
}

} // namespace pawl::test
