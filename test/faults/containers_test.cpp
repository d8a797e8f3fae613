// Containers whose Docker daemon, server or both die, hang or lose things.
#include "test/faults/container_world.hpp"

#include <fmt/format.h>

#include <csignal>

namespace {

using namespace pawl::test;

const std::set<int> success{0};

// The name of the image of a version.
std::string image_of(running_server& server, const std::string& version) {
  const auto versions = document_of(server.pawl({"versions", "-a", "shop", "--json"}));
  for (const auto& one : versions.at("versions"))
    if (one.at("version") == version) {
      auto name = one.at("artifact").get<std::string>();
      name.replace(name.find(':'), 1, "-");
      return "pawl/shop:" + name;
    }
  return {};
}

} // namespace

BOOST_AUTO_TEST_SUITE(containers_test, *boost::unit_test::precondition(may_have_docker))

// Fault: F13 F15; hits: machine; at: building pushing releasing activating switch drain;
// holds: I2 I3 I4 I5.
BOOST_AUTO_TEST_CASE(a_docker_daemon_may_die_at_any_step) {
  container_world world;
  for (const auto& place : places_of_containers())
    world.stop_at(place, success, [&] {
      world.daemon().kill();
      world.daemon().start();
    });
}

// Fault: F1 F13; hits: pawld; at: building pushing releasing activating switch drain;
// holds: I1 I2 I3 I4 I5.
BOOST_AUTO_TEST_CASE(a_server_of_containers_may_die_at_any_step) {
  container_world world;
  for (const auto& place : places_of_containers())
    world.die_at(place, place == "effect release before" ? std::set{0, 4} : success, [] {});
}

// Fault: F1 F13 F15; hits: machine; at: building pushing activating switch; holds: I1 I2 I3 I4 I5.
BOOST_AUTO_TEST_CASE(a_server_and_its_docker_daemon_may_die_at_any_step) {
  container_world world;
  const std::vector<std::string> places{"effect build after", "effect push after",
                                        "effect start after", "effect switch before"};
  for (const auto& place : places)
    world.die_at(place, success, [&] {
      world.daemon().kill();
      world.daemon().start();
    });
}

// Fault: F13 F38; hits: instance; at: active; holds: I4 I5.
BOOST_AUTO_TEST_CASE(a_container_that_somebody_removes_is_started_again) {
  container_world world;
  const auto serving = world.server().answer_of("shop");
  remove_containers(world.daemon());
  BOOST_TEST(eventually([&] { return world.server().answer_of("shop") == serving; }));
  world.check();
}

// Fault: F38; hits: disk; at: active; holds: I4 I5 I10.
BOOST_AUTO_TEST_CASE(an_image_that_somebody_removes_is_told_and_the_old_version_serves_on) {
  container_world world;
  auto& server = world.server();
  world.deploy_that_ends(0);
  const auto serving = server.answer_of("shop");
  remove_image(world.daemon(), image_of(server, "v1"));
  const auto refused = server.pawl({"rollback", "v1", "-a", "shop"});
  check_exit(refused, 10);
  const auto said = refused.err + refused.out;
  BOOST_TEST(mentions(said, "is not with the Docker daemon any more; deploy the app again"), said);
  BOOST_TEST(server.answer_of("shop") == serving);
  world.check();
}

// It is built again.
// Fault: F38; hits: disk; at: pushing; holds: I4 I5.
BOOST_AUTO_TEST_CASE(a_build_that_the_docker_daemon_forgot_is_made_again) {
  container_world world;
  world.stop_at("effect push before", success, [&] {
    for (const auto& name : images_of(world.daemon()))
      if (mentions(name, ":build-"))
        remove_image(world.daemon(), name);
  });
  BOOST_TEST(world.server().answer_of("shop") == "g2");
}

// Fault: F14; hits: machine; at: building; holds: I2 I4 I5 I9.
BOOST_AUTO_TEST_CASE(a_docker_daemon_may_hang) {
  container_world world;
  const auto serving = world.server().answer_of("shop");
  world.daemon().signal(SIGSTOP);
  const auto client =
      begin_deploying_containers(world.server(), {.settings = "[build]\ntimeout = \"2s\"\n"});
  const auto end = client->wait();
  BOOST_TEST(world.server().answer_of("shop") == serving);
  world.daemon().signal(SIGCONT);
  check_exit(end, 11);
  BOOST_TEST(mentions(end.err + end.out, "see whether it hangs (journalctl -u docker)"),
             end.err + end.out);
  world.check();
  world.deploy_that_ends(0);
}

// Fault: F5; hits: disk; at: building; holds: I4 I5 I9.
BOOST_AUTO_TEST_CASE(a_full_disk_of_the_docker_daemon_is_told_and_the_old_version_serves_on) {
  constexpr bool live_restore = true;
  constexpr std::uint64_t disk = 64U << 20U;
  const docker_daemon daemon{live_restore, disk};
  running_server server(cluster_on(daemon));
  check_exit(deploy_containers(server, {.greeting = "one"}), 0);
  const auto filler = daemon.data() / "filler";
  const auto room = std::filesystem::space(daemon.data()).available;
  constexpr std::uint64_t left = 1U << 20U;
  BOOST_REQUIRE(room > left);
  write_text(filler, std::string(room - left, 'x'));
  for (int times = 0; times < 2; ++times) {
    const auto end = deploy_containers(server, {.greeting = std::string(4 * left, 'y')});
    check_exit(end, 11);
    BOOST_TEST(mentions(end.err + end.out, "make room on the disk of the Docker daemon"),
               end.err + end.out);
    BOOST_TEST(server.answer_of("shop") == "one");
  }
  std::filesystem::remove(filler);
  check_exit(deploy_containers(server, {.greeting = "three"}), 0);
  BOOST_TEST(server.answer_of("shop") == "three");
}

// Fault: F36; hits: machine; at: building start; holds: I5.
BOOST_AUTO_TEST_CASE(a_docker_socket_that_the_server_may_not_use_is_told_with_the_remedy) {
  const docker_daemon daemon;
  constexpr unsigned somebody = 64321;
  running_server server(cluster_on(daemon), somebody);
  const auto end = deploy_containers(server, {});
  check_exit(end, 11);
  BOOST_TEST(mentions(end.err + end.out, "add the server's user to the socket's group"),
             end.err + end.out);
  BOOST_TEST(mentions(server.log(), "may not use the Docker daemon's socket"), server.log());
}

BOOST_AUTO_TEST_SUITE_END()
