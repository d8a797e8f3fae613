// The way of most days: deploy, look, deploy again, go back.
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;

json rollback(running_server& server, const words& flags = {}) {
  words arguments{"rollback", "-a", "shop", "--json"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  const auto end = server.pawl(arguments);
  check_exit(end, 0);
  return document_of(end);
}

} // namespace

BOOST_AUTO_TEST_SUITE(deploys_test)

BOOST_AUTO_TEST_CASE(a_directory_is_deployed_and_answers_through_the_router) {
  running_server server;
  const auto end = server.pawl({"deploy", write_app(server.place(), {}), "-m", "Open the shop"});
  check_exit(end, 0);
  BOOST_TEST(mentions(end.out, "shop v1 is active in local"));
  BOOST_TEST(mentions(end.out, "http://shop.localhost:"));
  BOOST_TEST(server.answer_of("shop") == "hello");
  BOOST_TEST(server.answer_of("none") == "404");
}

BOOST_AUTO_TEST_CASE(people_are_shown_what_there_is) {
  running_server server;
  BOOST_TEST(mentions(server.pawl({"status"}).out, "nothing has been deployed yet"));
  BOOST_TEST(mentions(server.pawl({"status", "-a", "shop"}).out, "nothing is deployed there"));
  const auto record = deploy(server, {}, {"-m", "Open the shop"});
  const std::string id = record.at("id");
  const std::vector<std::pair<words, words>> views{
      {{"status"}, {"shop in local", "active", id, "v1", "running", "Open the shop"}},
      {{"history"}, {"ID", id, "shop", "local", "active", "v1", "deploy", "Open the shop"}},
      {{"show", id}, {id, "active", "v1", "building", "activating", "Open the shop"}},
      {{"versions"}, {"VERSION", "shop", "v1", id, "local", "sha256:"}},
      {{"apps"}, {"shop", "local"}},
      {{"clusters"}, {"local", "process", "reject"}},
      {{"attach", id}, {"shop v1 is active in local"}}};
  for (const auto& [command, expected] : views) {
    const auto end = server.pawl(command);
    check_exit(end, 0);
    BOOST_TEST(end.err.empty(), command.front() << " says on stderr: " << end.err);
    for (const auto& word : expected)
      BOOST_TEST(mentions(end.out, word), command.front() << " lacks " << word << ":\n" << end.out);
  }
}

BOOST_AUTO_TEST_CASE(a_second_version_takes_the_place_of_the_first) {
  running_server server;
  const auto first = deploy(server, {});
  const auto second = deploy(server, {.greeting = "hello again"});
  BOOST_TEST(second.at("version") == "v2");
  BOOST_TEST(second.at("replaces") == first.at("id"));
  BOOST_TEST(server.answer_of("shop") == "hello again");
  const auto before = record_of(server.pawl({"show", first.at("id"), "--json"}));
  BOOST_TEST(before.at("state") == "retired");
  BOOST_TEST_MESSAGE("the old instance ends after the drain period");
  const auto instance = "instance-" + first.at("id").get<std::string>() + "-1";
  BOOST_TEST(eventually([&] { return !server.jobs().contains(instance); }));
  BOOST_TEST(server.answer_of("shop") == "hello again");
}

BOOST_AUTO_TEST_CASE(rollbacks_go_further_back_each_time) {
  running_server server;
  for (const auto* greeting : {"one", "two", "three"})
    deploy(server, {.greeting = greeting});
  const auto back = rollback(server, {"-m", "Too many bugs"}).at("deployment");
  BOOST_TEST(back.at("version") == "v2");
  BOOST_TEST(back.at("operation") == "rollback");
  BOOST_TEST(back.at("message") == "Too many bugs");
  BOOST_TEST(server.answer_of("shop") == "two");
  BOOST_TEST(record_of(server.pawl({"show", back.at("replaces"), "--json"})).at("state") ==
             "rolled_back");
  BOOST_TEST(rollback(server).at("deployment").at("version") == "v1");
  BOOST_TEST(server.answer_of("shop") == "one");
  const auto end = server.pawl({"rollback", "-a", "shop", "--json"});
  check_exit(end, 10);
  BOOST_TEST(document_of(end).at("error").at("code") == "not_found");
  BOOST_TEST(rollback(server, {"v3"}).at("deployment").at("version") == "v3");
  BOOST_TEST(server.answer_of("shop") == "three");
}

BOOST_AUTO_TEST_CASE(the_plan_of_a_rollback_changes_nothing) {
  running_server server;
  deploy(server, {.greeting = "one"});
  deploy(server, {.greeting = "two"});
  const auto before = document_of(server.pawl({"history", "--json"}));
  const auto plan = rollback(server, {"--plan"}).at("plan");
  BOOST_TEST(plan.at("from") == "v2");
  BOOST_TEST(plan.at("to") == "v1");
  BOOST_TEST(mentions(server.pawl({"rollback", "-a", "shop", "--plan"}).out, "from v2 to v1"));
  BOOST_TEST(document_of(server.pawl({"history", "--json"})) == before);
  BOOST_TEST(server.answer_of("shop") == "two");
}

BOOST_AUTO_TEST_CASE(a_version_is_promoted_to_another_cluster) {
  running_server server("[cluster.staging]\ndrain = \"1s\"\n[cluster.production]\n");
  deploy(server, {}, {"-C", "staging"});
  check_exit(server.pawl({"deploy", write_app(server.place(), {.name = "blog"})}),
             2);                                                         // which cluster?
  check_exit(server.pawl({"deploy", write_app(server.place(), {})}), 0); // where it is
  const auto end = server.pawl({"promote", "v1", "-a", "shop", "--to", "production", "--json"});
  check_exit(end, 0);
  BOOST_TEST(record_of(end).at("operation") == "promote");
  BOOST_TEST(record_of(end).at("version") == "v1");
  BOOST_TEST(server.answer_of("shop") == "hello");
  BOOST_TEST(server.answer_of("shop-production") == "hello");
}

BOOST_AUTO_TEST_CASE(an_app_is_taken_off_and_comes_back_with_its_next_deploy) {
  running_server server;
  deploy(server, {});
  check_exit(server.pawl({"destroy", "shop"}), 2); // without --yes nothing is done
  BOOST_TEST(server.answer_of("shop") == "hello");
  const auto gone = server.pawl({"destroy", "shop", "--yes", "--json"});
  check_exit(gone, 0);
  BOOST_TEST(document_of(gone).at("destroyed").at("version") == "v1");
  BOOST_TEST(server.answer_of("shop") == "404");
  for (const auto& job : server.jobs())
    BOOST_TEST(!job.starts_with("instance-"), job << " is left");
  BOOST_TEST(document_of(server.pawl({"status", "--json"})).at("lanes").empty());
  check_exit(server.pawl({"destroy", "shop", "--yes"}), 0);
  deploy(server, {.greeting = "again"});
  BOOST_TEST(server.answer_of("shop") == "again");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_promoted_is_refused_and_says_why) {
  running_server server("[cluster.staging]\n[cluster.production]\n");
  deploy(server, {}, {"-C", "staging"});
  const auto refusal = [&](const std::string& version, const std::string& cluster, int status) {
    const auto end = server.pawl({"promote", version, "-a", "shop", "--to", cluster, "--json"});
    check_exit(end, status);
    return document_of(end).at("error").at("message").get<std::string>();
  };
  BOOST_TEST(mentions(refusal("v9", "production", 10), "v9"));
  BOOST_TEST(mentions(refusal("v1", "moon", 10), "pawl clusters"));
  BOOST_TEST(mentions(refusal("v1", "staging", 2), "already"));
  const auto back = server.pawl({"rollback", "v1", "-a", "shop", "-C", "production"});
  check_exit(back, 10);
  deploy(server, {.greeting = "two"}, {"-C", "production"});
  const auto other = server.pawl({"rollback", "v1", "-a", "shop", "-C", "production"});
  check_exit(other, 10);
  BOOST_TEST(mentions(other.err, "pawl promote"), other.err);
  std::filesystem::remove_all(server.data() / "releases" / "shop");
  BOOST_TEST(mentions(refusal("v1", "production", 10), "artifact"));
  BOOST_TEST(server.answer_of("shop-production") == "two");
}

BOOST_AUTO_TEST_CASE(several_instances_serve_together) {
  running_server server;
  deploy(server, {.run_settings = "instances = 3"});
  const auto lane = document_of(server.pawl({"status", "--json"})).at("lanes").at(0);
  BOOST_TEST(lane.at("instances").size() == 3U);
  for (const auto& one : lane.at("instances"))
    BOOST_TEST(one.at("state") == "running");
}

BOOST_AUTO_TEST_CASE(a_release_command_runs_once_before_the_traffic_comes) {
  running_server server;
  const auto record = deploy(server, {.rest = "[release]\ncommand = 'echo migrated'\n"});
  const auto events = lines_of(server.pawl({"attach", record.at("id"), "--jsonl"}).out);
  unsigned said = 0;
  for (const auto& each : events)
    said += each.value("line", "") == "migrated" ? 1 : 0;
  BOOST_TEST(said == 1U);
}

BOOST_AUTO_TEST_CASE(without_a_router_an_app_answers_on_its_own_port) {
  running_server server;
  server.stop();
  server.write_config("[cluster.local]\ndrain = \"1s\"\n", "none");
  server.start();
  const auto record = deploy(server, {});
  const auto url = http_url::parse(record.at("urls").at(0));
  http_client client(url.ip, url.port);
  const auto response = client.get("any", "/");
  BOOST_REQUIRE(response.has_value());
  BOOST_TEST(response->body == "hello\n");
}

BOOST_AUTO_TEST_SUITE_END()
