// The JSON that programs read: exactly the fields of the contract, in success and in failure.
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;
using keys = std::set<std::string>;

const keys deployment_keys{"id",       "app",        "cluster",     "operation",  "state",
                           "version",  "source",     "git",         "by",         "message",
                           "error",    "request_id", "created_at",  "updated_at", "finished_at",
                           "replaces", "urls",       "transitions", "config"};

bool is_time(const std::string& text) { // RFC 3339 in UTC, with milliseconds
  const std::string pattern = "0000-00-00T00:00:00.000Z";
  if (text.size() != pattern.size())
    return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (pattern[i] == '0' ? (text[i] < '0' || text[i] > '9') : text[i] != pattern[i])
      return false;
  return true;
}

void check_deployment(const json& record) {
  BOOST_TEST(keys_of(record) == deployment_keys, boost::test_tools::per_element());
  for (const auto* time : {"created_at", "updated_at"})
    BOOST_TEST(is_time(record.at(time)), record.at(time));
  BOOST_TEST(!record.at("transitions").empty());
  for (const auto& each : record.at("transitions")) {
    BOOST_TEST(keys_of(each) == (keys{"state", "at", "by"}), boost::test_tools::per_element());
    BOOST_TEST(is_time(each.at("at")));
  }
  BOOST_TEST(record.at("transitions").back().at("state") == record.at("state"));
  if (!record.at("source").is_null())
    BOOST_TEST(keys_of(record.at("source")) == (keys{"digest", "bytes", "files"}),
               boost::test_tools::per_element());
}

// The keys of an event of each kind, beside those that all have.
const std::map<std::string, keys> event_keys{{"state", {"state"}},
                                             {"progress", {"step", "current", "total", "unit"}},
                                             {"log", {"step", "stream", "line"}},
                                             {"health", {"instance", "ok", "detail"}},
                                             {"warning", {"message"}}};

void check_event(const json& event, const std::string& id, std::uint64_t seq) {
  auto expected = event_keys.at(event.at("event"));
  expected.insert({"deployment", "seq", "at", "event"});
  auto found = keys_of(event);
  if (event.at("event") == "state" && event.at("state") == "failed")
    expected.insert("error");
  BOOST_TEST(found == expected, boost::test_tools::per_element());
  BOOST_TEST(event.at("deployment") == id);
  BOOST_TEST(event.at("seq") == seq);
  BOOST_TEST(is_time(event.at("at")));
}

// The events, which must be numbered from `first` on; the last line is the result.
json check_events(const std::string& out, const std::string& id, std::uint64_t first = 1) {
  auto lines = lines_of(out);
  BOOST_REQUIRE(!lines.empty());
  const auto last = lines.back();
  lines.pop_back();
  for (const auto& each : lines)
    check_event(each, id, first++);
  BOOST_TEST(last.at("event") == "result");
  check_deployment(last.at("deployment"));
  return last;
}

// Makes the directory a repository with one commit.
void commit_all(const running_server& server, const std::string& directory) {
  for (const auto& command : {words{"init", "-q", "-b", "main"}, words{"add", "-A"},
                              words{"commit", "-q", "-m", "Open the shop"}}) {
    program_plan plan{{"/usr/bin/git"}};
    plan.arguments.insert(plan.arguments.end(), command.begin(), command.end());
    plan.environment = {{"PATH", "/usr/bin:/bin"},
                        {"HOME", server.place().string()},
                        {"GIT_CONFIG_NOSYSTEM", "1"},
                        {"GIT_AUTHOR_NAME", "Ann Example"},
                        {"GIT_AUTHOR_EMAIL", "ann@example.org"},
                        {"GIT_COMMITTER_NAME", "Ann Example"},
                        {"GIT_COMMITTER_EMAIL", "ann@example.org"}};
    plan.directory = directory;
    plan.out = server.place() / "output" / "git.out";
    plan.err = server.place() / "output" / "git.err";
    check_exit(program{plan}.wait(), 0);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(documents_test)

BOOST_AUTO_TEST_CASE(a_deployment_that_became_active_has_every_field_of_the_contract) {
  running_server server;
  const auto end =
      begin_deploy(server, {}, {"--json", "-m", "Open", "--request-id", "ci-17"})->wait();
  check_exit(end, 0);
  BOOST_TEST(keys_of(document_of(end)) == keys{"deployment"}, boost::test_tools::per_element());
  const auto record = record_of(end);
  check_deployment(record);
  BOOST_TEST(record.at("app") == "shop");
  BOOST_TEST(record.at("cluster") == "local");
  BOOST_TEST(record.at("operation") == "deploy");
  BOOST_TEST(record.at("state") == "active");
  BOOST_TEST(record.at("version") == "v1");
  BOOST_TEST(record.at("message") == "Open");
  BOOST_TEST(record.at("request_id") == "ci-17");
  BOOST_TEST(record.at("source").at("files") == 3);
  BOOST_TEST(record.at("source").at("digest").get<std::string>().starts_with("sha256:"));
  BOOST_TEST(record.at("error").is_null());
  BOOST_TEST(record.at("replaces").is_null());
  BOOST_TEST(record.at("git").is_null());
  BOOST_TEST(record.at("urls").size() == 1U);
  std::vector<std::string> states;
  for (const auto& each : record.at("transitions"))
    states.push_back(each.at("state"));
  BOOST_TEST(states == (std::vector<std::string>{"preparing", "building", "pushing", "activating",
                                                 "active"}),
             boost::test_tools::per_element());
  BOOST_TEST(show(server, record.at("id")) == record);
}

BOOST_AUTO_TEST_CASE(a_deployment_carries_the_facts_of_its_commit) {
  running_server server;
  const auto directory = write_app(server.place(), {});
  commit_all(server, directory);
  const auto end = server.pawl({"deploy", directory, "--json"});
  check_exit(end, 0);
  const auto git = record_of(end).at("git");
  BOOST_TEST(keys_of(git) == (keys{"sha", "branch", "message", "author", "author_email",
                                   "committed_at", "repository", "dirty"}),
             boost::test_tools::per_element());
  BOOST_TEST(git.at("sha").get<std::string>().size() == 40U);
  BOOST_TEST(git.at("branch") == "main");
  BOOST_TEST(mentions(git.at("message"), "Open the shop"));
  BOOST_TEST(git.at("author") == "Ann Example");
  BOOST_TEST(git.at("author_email") == "ann@example.org");
  BOOST_TEST(is_time(git.at("committed_at")));
  BOOST_TEST(git.at("dirty") == false);
  const auto prefix = git.at("sha").get<std::string>().substr(0, 8);
  const auto found = document_of(server.pawl({"history", "--commit", prefix, "--json"}));
  BOOST_TEST(found.at("deployments").size() == 1U);
}

BOOST_AUTO_TEST_CASE(events_come_a_line_each_and_end_with_the_result) {
  running_server server;
  const auto end = begin_deploy(server, {.build = "echo made of bits"}, {"--jsonl"})->wait();
  check_exit(end, 0);
  const auto lines = lines_of(end.out);
  const std::string id = lines.back().at("deployment").at("id");
  const auto result = check_events(end.out, id);
  BOOST_TEST(keys_of(result) == (keys{"event", "deployment"}), boost::test_tools::per_element());
  std::set<std::string> kinds;
  bool logged = false;
  for (const auto& each : lines) {
    kinds.insert(each.at("event").get<std::string>());
    logged = logged || each.value("line", "") == "made of bits";
  }
  BOOST_TEST(kinds == (keys{"state", "progress", "log", "health", "result"}),
             boost::test_tools::per_element());
  BOOST_TEST(logged);
}

BOOST_AUTO_TEST_CASE(a_deployment_that_failed_has_an_error_in_its_record_and_beside_it) {
  running_server server;
  const auto end =
      begin_deploy(server, {.build = "echo no paint left; exit 7"}, {"--json"})->wait();
  check_exit(end, 3);
  const auto document = document_of(end);
  BOOST_TEST(keys_of(document) == (keys{"deployment", "error"}), boost::test_tools::per_element());
  check_deployment(document.at("deployment"));
  BOOST_TEST(keys_of(document.at("error")) == (keys{"code", "message", "details"}),
             boost::test_tools::per_element());
  const auto why = document.at("deployment").at("error");
  BOOST_TEST(keys_of(why) == (keys{"code", "message", "details", "state"}),
             boost::test_tools::per_element());
  BOOST_TEST(why.at("state") == "building");
  BOOST_TEST(document.at("deployment").at("version").is_null());
  BOOST_TEST(!end.err.empty());
  const auto attached = server.pawl({"attach", document.at("deployment").at("id"), "--jsonl"});
  check_exit(attached, 3);
  const auto result = check_events(attached.out, document.at("deployment").at("id"));
  BOOST_TEST(result.at("error") == document.at("error"));
}

BOOST_AUTO_TEST_CASE(a_request_that_is_refused_is_one_document_with_an_error) {
  running_server server;
  const std::vector<std::pair<words, int>> refused{
      {{"show", "zzzz"}, 10},
      {{"show", "!"}, 2},
      {{"show", "nonexistent"}, 10},
      {{"cancel", "7B3F-0001"}, 10},
      {{"cancel", "-a", "shop"}, 10},
      {{"rollback", "-a", "shop"}, 10},
      {{"versions", "-a", "shop"}, 10},
      {{"promote", "v1", "-a", "shop", "--to", "local"}, 10},
      {{"attach", "zzzz"}, 10},
      {{"deploy", server.place().string()}, 2},
      {{"history", "-n", "1001"}, 2},
      {{"env", "-a", "shop"}, 10},
      {{"env", "history", "-a", "shop"}, 10},
      {{"env", "set", "-a", "shop"}, 2},
      {{"env", "unset", "A", "-a", "shop"}, 2},
      {{"env", "rollback", "1", "-a", "shop"}, 2},
      {{"destroy", "shop"}, 2},
      {{"destroy", "shop", "--yes"}, 10}};
  for (auto [command, status] : refused) {
    command.emplace_back("--json");
    const auto end = server.pawl(command);
    BOOST_TEST(end.status == status, command.front() << " exits with " << end.status);
    const auto document = document_of(end);
    BOOST_TEST(keys_of(document) == keys{"error"}, boost::test_tools::per_element());
    BOOST_TEST(keys_of(document.at("error")) == (keys{"code", "message", "details"}),
               boost::test_tools::per_element());
    BOOST_TEST(!end.err.empty(), command.front() << " says nothing to people");
  }
}

BOOST_AUTO_TEST_CASE(listings_have_the_fields_of_the_contract) {
  running_server server;
  const auto first = deploy(server, {.greeting = "one"});
  const auto second = deploy(server, {.greeting = "two"});
  const auto ask = [&](words command) {
    command.emplace_back("--json");
    const auto end = server.pawl(command);
    check_exit(end, 0);
    return document_of(end);
  };
  const auto lane = ask({"status"}).at("lanes").at(0);
  BOOST_TEST(keys_of(lane) ==
                 (keys{"app", "cluster", "active", "instances", "in_flight", "queued"}),
             boost::test_tools::per_element());
  BOOST_TEST(lane.at("active") == second);
  BOOST_TEST(lane.at("in_flight").is_null());
  BOOST_TEST(lane.at("queued").empty());
  BOOST_TEST(keys_of(lane.at("instances").at(0)) ==
                 (keys{"name", "process", "state", "address", "restarts"}),
             boost::test_tools::per_element());
  const auto page = ask({"history", "-n", "1"});
  BOOST_TEST(keys_of(page) == (keys{"deployments", "next_cursor"}),
             boost::test_tools::per_element());
  BOOST_TEST(page.at("deployments").size() == 1U);
  BOOST_TEST(page.at("deployments").at(0) == second);
  const auto older = ask({"history", "--cursor", page.at("next_cursor")});
  BOOST_TEST(older.at("deployments").at(0).at("id") == first.at("id"));
  BOOST_TEST(older.at("next_cursor").is_null());
  const auto versions = ask({"versions", "-a", "shop"}).at("versions");
  BOOST_TEST(versions.size() == 2U);
  for (const auto& each : versions)
    BOOST_TEST(keys_of(each) == (keys{"app", "version", "artifact", "created_at", "deployment",
                                      "live_in", "can_roll_back", "readiness"}),
               boost::test_tools::per_element());
  BOOST_TEST(ask({"history", "--state", "retired"}).at("deployments").at(0).at("id") ==
             first.at("id"));
  BOOST_TEST(ask({"history", "--operation", "rollback"}).at("deployments").empty());
  BOOST_TEST(ask({"apps"}).at("apps").at(0).at("app") == "shop");
  BOOST_TEST(ask({"clusters"}).at("clusters").at(0).at("name") == "local");
}

BOOST_AUTO_TEST_SUITE_END()
