// Apps of several processes, with the real programs: a worker beside web, counts, stop and start,
// restarts, and one at a time.
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;

constexpr auto worker = "[process.worker]\ncommand = \"while sleep 0.1; do echo at work; done\"\n"
                        "settle = \"200ms\"\n";
constexpr auto one_at_a_time = "[deploy]\nstrategy = \"replace\"\n";

sample_app with_worker(const std::string& rest = {}) {
  return {.rest = worker + rest};
}

// The instances that run, without the deployment in their names.
std::multiset<std::string> instances_of(running_server& server) {
  std::multiset<std::string> found;
  for (const auto& job : server.jobs())
    if (const std::string mark = "instance-"; job.starts_with(mark))
      found.insert(job.substr(job.find('-', mark.size())));
  return found;
}

bool come_to(running_server& server, const std::multiset<std::string>& wanted) {
  return eventually([&] { return instances_of(server) == wanted; });
}

json scale(running_server& server, words counts) {
  counts.insert(counts.begin(), "scale");
  counts.insert(counts.end(), {"-a", "shop", "--json"});
  const auto end = server.pawl(counts);
  check_exit(end, 0);
  return document_of(end);
}

} // namespace

BOOST_AUTO_TEST_SUITE(processes_test)

BOOST_AUTO_TEST_CASE(a_worker_runs_beside_web_and_is_named) {
  running_server server;
  deploy(server, with_worker());
  BOOST_TEST(server.answer_of("shop") == "hello");
  std::set<std::string> processes;
  const auto lane = lane_of(server);
  for (const auto& one : lane.at("instances"))
    processes.insert(one.at("process"));
  BOOST_TEST(processes == (std::set<std::string>{"web", "worker"}),
             boost::test_tools::per_element());
  BOOST_TEST(eventually([&] {
    return mentions(server.pawl({"logs", "-a", "shop", "--process", "worker"}).out,
                    "-worker-1 | at work");
  }));
  deploy(server, {.greeting = "again", .rest = worker});
  BOOST_TEST(come_to(server, {"-1", "-worker-1"}));
}

BOOST_AUTO_TEST_CASE(a_procfile_alone_starts_all_its_processes) {
  running_server server;
  const std::filesystem::path directory{write_app(server.place(), {})};
  write_text(directory / "pawl.toml", "app = \"shop\"\n");
  write_text(directory / "Procfile", "web: exec perl serve.pl\nworker: exec sleep 1000\n"
                                     "clock: exec sleep 1000\n");
  const auto end = server.pawl({"deploy", directory.string()});
  check_exit(end, 0);
  BOOST_TEST(end.err.empty(), end.err);
  BOOST_TEST(come_to(server, {"-1", "-worker-1", "-clock-1"}));
}

BOOST_AUTO_TEST_CASE(a_worker_that_exits_fails_its_deployment_and_says_what_it_printed) {
  running_server server;
  deploy(server, with_worker());
  const auto directory = write_app(
      server.place(), {.rest = "[process.worker]\ncommand = \"echo no queue; exit 3\"\n"});
  const auto end = server.pawl({"deploy", directory, "--json"});
  check_exit(end, 5);
  const auto error = document_of(end).at("error");
  BOOST_TEST(error.at("code") == "unhealthy");
  BOOST_TEST(error.at("details").at("log") == "no queue");
  BOOST_TEST(server.answer_of("shop") == "hello");
  BOOST_TEST(come_to(server, {"-1", "-worker-1"}));
}

BOOST_AUTO_TEST_CASE(counts_are_kept_and_mistakes_change_nothing) {
  running_server server;
  deploy(server, with_worker());
  const auto list = scale(server, {"web=2", "worker=0"});
  BOOST_TEST(list.at("processes").at(0).at("instances") == 2);
  BOOST_TEST(list.at("processes").at(0).at("running") == 2);
  BOOST_TEST(come_to(server, {"-1", "-2"}));
  for (const auto& [counts, word] :
       std::vector<std::pair<std::string, std::string>>{{"web=-1", "from 0 to 64"},
                                                        {"web=10000", "from 0 to 64"},
                                                        {"wroker=1", "did you mean worker?"}}) {
    const auto refused = server.pawl({"scale", counts, "-a", "shop", "--json"});
    check_exit(refused, 2);
    BOOST_TEST(document_of(refused).at("error").at("code") == "invalid_argument");
    BOOST_TEST(mentions(refused.err, word), refused.err);
  }
  deploy(server, {.greeting = "again", .rest = worker});
  BOOST_TEST(come_to(server, {"-1", "-2"}));
  BOOST_TEST(server.answer_of("shop") == "again");
}

BOOST_AUTO_TEST_CASE(a_stopped_app_answers_503_until_it_is_started) {
  running_server server;
  deploy(server, with_worker());
  check_exit(server.pawl({"stop", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "503");
  BOOST_TEST(come_to(server, {}));
  BOOST_TEST(lane_of(server).contains("stopped_at"));
  server.kill();
  server.start();
  BOOST_TEST(server.answer_of("shop") == "503");
  BOOST_TEST(come_to(server, {}));
  check_exit(server.pawl({"start", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "hello");
  BOOST_TEST(come_to(server, {"-1", "-worker-1"}));
}

BOOST_AUTO_TEST_CASE(a_restart_makes_new_instances_of_the_same_version) {
  running_server server;
  const auto first = deploy(server, with_worker());
  const auto end = server.pawl({"restart", "-a", "shop", "--json"});
  check_exit(end, 0);
  const auto second = record_of(end);
  BOOST_TEST(second.at("operation") == "configure");
  BOOST_TEST(second.at("version") == first.at("version"));
  BOOST_TEST(second.at("replaces") == first.at("id"));
  BOOST_TEST(server.answer_of("shop") == "hello");
  const std::string name = second.at("id").get<std::string>() + "-worker-1";
  const auto before = server.instance_pid(name);
  const auto web = server.instance_pid(second.at("id").get<std::string>() + "-1");
  check_exit(server.pawl({"restart", "worker", "-a", "shop"}), 0);
  BOOST_TEST(server.instance_pid(name) != before);
  BOOST_TEST(server.instance_pid(second.at("id").get<std::string>() + "-1") == web);
}

// Fault: F2; hits: pawld; at: active; holds: I3 I5.
BOOST_AUTO_TEST_CASE(a_server_that_is_killed_right_after_a_scale_comes_to_its_counts) {
  running_server server;
  deploy(server, with_worker());
  scale(server, {"web=3"});
  scale(server, {"web=1", "worker=2"});
  server.kill();
  server.start();
  BOOST_TEST(come_to(server, {"-1", "-worker-1", "-worker-2"}));
  BOOST_TEST(server.answer_of("shop") == "hello");
}

// Fault: F2; hits: pawld; at: activating; holds: I3 I5.
BOOST_AUTO_TEST_CASE(a_server_that_is_killed_while_it_replaces_goes_on_with_the_new) {
  running_server server;
  deploy(server, with_worker(one_at_a_time));
  gate starting;
  auto viewer = begin_deploy(server, {.greeting = "new",
                                      .run = starting.command() + " && exec perl serve.pl",
                                      .rest = std::string{worker} + one_at_a_time});
  BOOST_REQUIRE(starting.reached());
  BOOST_TEST(server.answer_of("shop") == "503");
  server.kill();
  server.start();
  starting.open();
  check_exit(viewer->wait(), 0);
  BOOST_TEST(server.answer_of("shop") == "new");
  BOOST_TEST(come_to(server, {"-1", "-worker-1"}));
}

// Fault: F2; hits: pawld; at: activating; holds: I3 I5.
BOOST_AUTO_TEST_CASE(what_was_replaced_comes_back_when_the_new_fails_also_after_a_kill) {
  running_server server;
  deploy(server, with_worker(one_at_a_time));
  gate starting;
  auto viewer = begin_deploy(server, {.run = starting.command() + " && exec perl serve.pl",
                                      .rest = std::string{worker} + one_at_a_time});
  BOOST_REQUIRE(starting.reached());
  const auto id = in_flight_of(server);
  server.kill();
  server.start();
  starting.open(7);
  check_exit(viewer->wait(), 5);
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "hello"; }));
  BOOST_TEST(come_to(server, {"-1", "-worker-1"}));
  BOOST_TEST(mentions(server.pawl({"attach", id}).out, "start again"));
}

BOOST_AUTO_TEST_SUITE_END()
