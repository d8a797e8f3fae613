// Instances outlive the server that watches them; instances that die are started again.
#include "test/end_to_end/running_server.hpp"

#include <csignal>

namespace {

using namespace pawl::test;

std::string first_instance(const json& record) {
  return record.at("id").get<std::string>() + "-1";
}

// The instance runs in a process other than `before`, and the status says so.
bool runs_again(running_server& server, const std::string& name, pid_t before) {
  return eventually([&] {
    const auto instances = lane_of(server).at("instances");
    return instances.size() == 1 && instances.at(0).at("state") == "running" &&
           server.instance_pid(name) != before && server.instance_pid(name) != 0;
  });
}

} // namespace

BOOST_AUTO_TEST_SUITE(survival_test)

// Fault: F2 F40; hits: pawld; at: active start; holds: I4 I5.
BOOST_AUTO_TEST_CASE(apps_serve_while_the_server_is_down_and_are_found_again) {
  running_server server;
  const auto record = deploy(server, {});
  const auto instance = server.instance_pid(first_instance(record));
  const auto router = server.router_pid();
  BOOST_REQUIRE_NE(router, 0);
  for (const bool politely : {true, false}) {
    if (politely)
      check_exit(server.stop(), 0);
    else
      server.kill();
    BOOST_TEST(server.answer_of("shop") == "hello");
    server.start();
    BOOST_TEST(server.answer_of("shop") == "hello");
    BOOST_TEST(server.instance_pid(first_instance(record)) == instance);
    BOOST_TEST(server.router_pid() == router);
    BOOST_TEST(lane_of(server).at("instances").at(0).at("state") == "running");
  }
  deploy(server, {.greeting = "hello again"});
  BOOST_TEST(server.answer_of("shop") == "hello again");
}

// Fault: F16; hits: router; at: active; holds: I4.
BOOST_AUTO_TEST_CASE(a_router_that_is_killed_comes_back_with_its_routes) {
  running_server server;
  deploy(server, {});
  deploy(server, {.name = "blog", .greeting = "news"});
  const auto before = server.router_pid();
  BOOST_REQUIRE_NE(before, 0);
  BOOST_REQUIRE_GT(before, 0);
  ::kill(before, SIGKILL);
  BOOST_TEST(eventually([&] { return server.router_pid() != 0 && server.router_pid() != before; }));
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "hello"; }));
  BOOST_TEST(server.answer_of("blog") == "news");
}

// Fault: F16; hits: router; at: start; holds: I4.
BOOST_AUTO_TEST_CASE(a_router_that_died_while_the_server_was_down_is_started) {
  running_server server;
  deploy(server, {});
  server.kill();
  ::kill(server.router_pid(), SIGKILL);
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "lost"; }));
  server.start();
  BOOST_TEST(server.answer_of("shop") == "hello");
}

// Fault: F39; hits: instance; at: active; holds: I5.
BOOST_AUTO_TEST_CASE(an_instance_that_is_killed_is_started_again) {
  running_server server;
  const auto name = first_instance(deploy(server, {}));
  const auto before = server.instance_pid(name);
  BOOST_REQUIRE_GT(before, 0);
  ::kill(before, SIGKILL);
  BOOST_TEST(runs_again(server, name, before));
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "hello"; }));
}

// Fault: F39; hits: instance; at: start; holds: I5.
BOOST_AUTO_TEST_CASE(an_instance_that_died_while_the_server_was_down_is_started_again) {
  running_server server;
  const auto name = first_instance(deploy(server, {}));
  const auto before = server.instance_pid(name);
  server.kill();
  BOOST_REQUIRE_GT(before, 0);
  ::kill(before, SIGKILL);
  server.start();
  BOOST_TEST(runs_again(server, name, before));
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "hello"; }));
}

// Fault: F39; hits: instance; at: active; holds: I4.
BOOST_AUTO_TEST_CASE(one_of_two_instances_may_die_without_a_word_to_clients) {
  running_server server;
  const auto record = deploy(server, {.run_settings = "instances = 2"});
  const auto before = server.instance_pid(first_instance(record));
  BOOST_REQUIRE_GT(before, 0);
  ::kill(before, SIGKILL);
  BOOST_TEST(eventually([&] {
    const auto instances = lane_of(server).at("instances");
    const auto now = server.instance_pid(first_instance(record));
    return now != before && now != 0 &&
           std::all_of(instances.begin(), instances.end(),
                       [](const json& one) { return one.at("state") == "running"; });
  }));
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(server.answer_of("shop") == "hello");
}

// Fault: F15; hits: instance; at: start; holds: I5.
BOOST_AUTO_TEST_CASE(an_instance_that_no_deployment_owns_is_removed_at_the_start) {
  running_server server;
  deploy(server, {});
  server.kill();
  // The records of another life: the store is gone, what it started is not.
  std::filesystem::remove_all(server.data() / "store");
  BOOST_TEST(server.jobs().size() == 1U);
  server.start();
  BOOST_TEST(eventually([&] { return server.jobs().empty(); }));
  BOOST_TEST(server.answer_of("shop") == "404");
  BOOST_TEST(document_of(server.pawl({"status", "--json"})).at("lanes").empty());
}

// Fault: F15; hits: instance; at: start; holds: I5.
BOOST_AUTO_TEST_CASE(a_process_that_carries_the_servers_mark_alone_is_removed_at_the_start) {
  running_server server;
  const auto name = first_instance(deploy(server, {}));
  server.kill();
  std::filesystem::remove_all(server.data() / "instances" / name);
  const auto before = server.jobs();
  BOOST_TEST(before.contains("instance-" + name));
  server.start();
  // The lane's instance is started anew under the same name, and serves.
  BOOST_TEST(runs_again(server, name, 0));
  BOOST_TEST(eventually([&] { return server.answer_of("shop") == "hello"; }));
}

BOOST_AUTO_TEST_SUITE_END()
