// Checks the invariants of a damaged world from outside.
#include "test/faults/damaged_world.hpp"

#include "lifecycle/state_machine.hpp"
#include "posix/process_table.hpp"

namespace pawl::test {

namespace fs = std::filesystem;

namespace {

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

// One that was killed just now runs as long as the server has not noticed.
bool runs(const running_server& server, const json& instance) {
  const auto process = find_process(server.instance_pid(instance.at("name")));
  return instance.at("state") == "running" && process && process->state != 'Z';
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

// While no server is there: its records are sound, and shop serves what it did, or what was asked
// for since then.
void damaged_world::check_between(const moment& before) {
  const auto sound = server_.begin_pawld("--verify", server_.data())->wait();
  BOOST_TEST(sound.status == 0, sound.out << sound.err);
  std::set<std::string> may{before.answer, "g1", "g2"}; // the two that are gone back to
  for (auto request = before.requests + 1; request <= requests_; ++request)
    may.insert("g" + std::to_string(request));
  const auto answer = server_.answer_of("shop");
  BOOST_TEST(may.contains(answer), answer << " answers instead of " << before.answer);
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
  const bool rests = eventually([&] {
    const auto all = lanes();
    return std::all_of(all.begin(), all.end(), [&](const json& lane) {
      const auto& in_flight = lane.at("in_flight");
      const auto& instances = lane.at("instances");
      return lane.at("queued").empty() &&
             std::all_of(instances.begin(), instances.end(),
                         [&](const json& one) { return runs(server_, one); }) &&
             (in_flight.is_null() || in_flight.at("id") == blog_ || in_flight.at("id") == wiki_);
    });
  });
  BOOST_REQUIRE_MESSAGE(rests, "this does not come to its end: " << json(lanes()).dump());
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
  BOOST_TEST(lane.at("instances").at(0).at("state") == "running", lane.dump());
  const auto version = lane.at("active").at("version");
  std::string greeting;
  for (const auto& [id, record] : known_)
    if (record.at("app") == lane.at("app") && record.at("version") == version &&
        record.at("operation") == "deploy")
      greeting = record.at("message");
  const auto host =
      lane.at("app").get<std::string>() + (lane.at("cluster") == "local" ? "" : "-staging");
  BOOST_TEST(eventually_seen([&] { return server_.answer_of(host); }, greeting) == greeting, host);
}

// I5: only instances of what serves or is in flight run, and nothing of others is on the disk.
void damaged_world::check_leftovers(const json& all) {
  std::set<std::string> instances{wiki_ + "-1"};
  for (const auto& lane : all)
    if (!lane.at("active").is_null())
      instances.insert(lane.at("active").at("id").get<std::string>() + "-1");
  std::set<std::string> jobs;
  std::set<std::string> builds{wiki_};
  if (!blog_ended_) {
    jobs.insert("build-" + blog_);
    builds.insert(blog_);
  }
  for (const auto& name : instances)
    jobs.insert("instance-" + name);
  BOOST_TEST(eventually_seen([&] { return server_.jobs(); }, jobs) == jobs,
             boost::test_tools::per_element());
  const auto check_names = [&](const std::string& directory, const std::set<std::string>& wanted) {
    const auto names = [&] { return names_below(server_.data() / directory); };
    BOOST_TEST_CONTEXT(directory) {
      BOOST_TEST(eventually_seen(names, wanted) == wanted, boost::test_tools::per_element());
    }
  };
  check_names("instances", instances);
  check_names("builds", builds);
  check_names("uploads", {});
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
