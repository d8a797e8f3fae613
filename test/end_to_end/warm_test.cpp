// A rollback takes over the instances of the version before while they are warm.
#include "test/end_to_end/running_server.hpp"

namespace {

using namespace pawl::test;

constexpr auto warm_for = "[cluster.local]\ndrain = \"200ms\"\nwatch_period = \"0s\"\nwarm = ";

json roll_back(running_server& server) {
  const auto end = server.pawl({"rollback", "-a", "shop", "--json"});
  check_exit(end, 0);
  return record_of(end);
}

// The version's line in `pawl versions --json`.
std::string readiness_of(running_server& server, const std::string& version) {
  const auto end = server.pawl({"versions", "-a", "shop", "--json"});
  check_exit(end, 0);
  const auto versions = document_of(end);
  for (const auto& one : versions.at("versions"))
    if (one.at("version") == version)
      return one.at("readiness");
  return "not listed";
}

} // namespace

BOOST_AUTO_TEST_SUITE(warm_test)

BOOST_AUTO_TEST_CASE(a_rollback_takes_over_the_process_of_the_version_before_with_its_pid) {
  running_server server(std::string{warm_for} + "\"10m\"\n");
  const auto first = deploy(server, {.greeting = "one"});
  const auto instance = first.at("id").get<std::string>() + "-1";
  const auto pid = server.instance_pid(instance);
  BOOST_REQUIRE_GT(pid, 0);
  const auto second = deploy(server, {.greeting = "two"});
  BOOST_TEST(server.answer_of("shop") == "two");
  BOOST_TEST(readiness_of(server, "v1") == "warm");
  BOOST_TEST(readiness_of(server, "v2") == "warm"); // it serves
  BOOST_TEST(lane_of(server).at("warm").at(0).at("version") == "v1");
  BOOST_TEST(mentions(server.pawl({"status"}).out, "warm       v1"));
  const auto plan = document_of(server.pawl({"rollback", "-a", "shop", "--plan", "--json"}));
  BOOST_TEST(plan.at("plan").at("readiness") == "warm");
  BOOST_TEST(plan.at("plan").at("instances") == 1);
  BOOST_TEST(plan.at("plan").at("expected_ms").is_number());
  BOOST_TEST(server.answer_of("shop") == "two");
  const auto back = roll_back(server);
  BOOST_TEST(back.at("version") == "v1");
  BOOST_TEST(server.answer_of("shop") == "one");
  BOOST_TEST(server.instance_pid(instance) == pid);
  BOOST_TEST(lane_of(server).at("instances").at(0).at("name") == instance);
  // The server is killed, and knows by the record whose the instance is.
  server.kill();
  server.start();
  BOOST_TEST(server.answer_of("shop") == "one");
  BOOST_TEST(server.instance_pid(instance) == pid);
  check_exit(server.pawl({"rollback", "v2", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
  BOOST_TEST(server.jobs() ==
             (std::set<std::string>{"instance-" + instance,
                                    "instance-" + second.at("id").get<std::string>() + "-1"}));
  // Without its artifact a version cannot be kept running, warm or not.
  std::filesystem::remove_all(server.data() / "releases" / "shop");
  BOOST_TEST(readiness_of(server, "v1") == "gone");
  check_exit(server.pawl({"rollback", "v1", "-a", "shop", "--plan"}), 10);
}

BOOST_AUTO_TEST_CASE(after_the_warm_time_the_process_is_gone_and_a_rollback_starts_another) {
  running_server server(std::string{warm_for} + "\"1s\"\n");
  const auto first = deploy(server, {.greeting = "one"});
  const auto second = deploy(server, {.greeting = "two"});
  const auto only_second = [&] {
    return server.jobs() ==
           std::set<std::string>{"instance-" + second.at("id").get<std::string>() + "-1"};
  };
  BOOST_TEST(eventually(only_second));
  BOOST_TEST(readiness_of(server, "v1") == "cold");
  const auto back = roll_back(server);
  BOOST_TEST(server.answer_of("shop") == "one");
  BOOST_TEST(lane_of(server).at("instances").at(0).at("name") ==
             back.at("id").get<std::string>() + "-1");
}

BOOST_AUTO_TEST_CASE(a_server_that_was_killed_stops_warm_instances_when_their_time_is_over) {
  running_server server(std::string{warm_for} + "\"3s\"\n");
  const auto first = deploy(server, {.greeting = "one"});
  const auto second = deploy(server, {.greeting = "two"});
  server.kill();
  server.start();
  BOOST_TEST(server.jobs().size() == 2U);
  BOOST_TEST(eventually([&] { return server.jobs().size() == 1U; }));
  BOOST_TEST(server.answer_of("shop") == "two");
}

BOOST_AUTO_TEST_SUITE_END()
