// Clusters of containers, with the real programs and a real Docker daemon.
#include "test/end_to_end/container_app.hpp"

#include <fmt/format.h>

namespace {

using namespace pawl::test;

// A step that makes /foreign, which only a processor of ARM runs.
std::string elf_of_another_processor() {
  return "RUN printf '\\177ELF\\002\\001\\001' >/foreign; head -c 9 /dev/zero >>/foreign; "
         "printf '\\002\\000\\267\\000\\001' >>/foreign; head -c 100 /dev/zero >>/foreign; "
         "/bin/busybox chmod 755 /foreign\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(containers_test, *boost::unit_test::precondition(may_have_docker))

BOOST_AUTO_TEST_CASE(an_app_with_a_dockerfile_is_deployed_changed_and_rolled_back) {
  const docker_daemon daemon;
  running_server server(cluster_on(daemon));
  check_exit(deploy_containers(server, {.greeting = "one"}), 0);
  BOOST_TEST(server.answer_of("shop") == "one");
  check_exit(deploy_containers(server, {.greeting = "two"}), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
  check_exit(server.pawl({"rollback", "-a", "shop"}), 0);
  BOOST_TEST(server.answer_of("shop") == "one");

  server.kill();
  server.start();
  BOOST_TEST(server.answer_of("shop") == "one");
  check_exit(deploy_containers(server, {.greeting = "three"}), 0);
  BOOST_TEST(server.answer_of("shop") == "three");
}

BOOST_AUTO_TEST_CASE(a_dockerfile_alone_is_enough) {
  const docker_daemon daemon;
  running_server server(cluster_on(daemon) + "[cluster.other]\n");
  const auto home = write_container_app(server, {.greeting = "alone"});
  std::filesystem::remove(std::filesystem::path{home} / "pawl.toml");
  const auto nameless = server.pawl({"deploy", home});
  check_exit(nameless, 2);
  BOOST_TEST(mentions(nameless.err, "no app is named"), nameless.err);
  check_exit(server.pawl({"deploy", "-a", "shop", "-C", "local", home}), 0);
  BOOST_TEST(server.answer_of("shop") == "alone");
  const auto elsewhere = server.pawl({"deploy", "-a", "shop", "-C", "other", home});
  check_exit(elsewhere, 2);
  BOOST_TEST(mentions(elsewhere.err + elsewhere.out, "or deploy to a cluster with the engine"),
             elsewhere.err + elsewhere.out);
}

BOOST_AUTO_TEST_CASE(a_bad_build_says_what_to_change_and_the_old_version_serves_on) {
  const docker_daemon daemon;
  running_server server(cluster_on(daemon));
  check_exit(deploy_containers(server, {.greeting = "good"}), 0);
  const std::string base = "FROM pawl-test-base:1\n";
  const std::map<std::string, std::pair<std::string, int>> bad{
      {"", {"the source has no a/Dockerfile", 3}},
      {"FROM pawl-test-base:1\nBAKE it\n", {"the Dockerfile cannot be read", 3}},
      {base + "RUN exit 7\n", {"returned a non-zero code: 7", 3}},
      {base + "RUN --mount=type=cache,target=/x true\n", {"write the step without the option", 3}},
      {base + "COPY --link index.html /\n", {"write the step without the flag", 3}},
      {base + "RUN <<END\necho x\nEND\n", {"a here-document (<<)", 3}},
      {"FROM --platform=$BUILDPLATFORM pawl-test-base:1\n", {"name the platform", 3}},
      {base + elf_of_another_processor() + "CMD [\"/foreign\"]\n",
       {"the image is for another kind of processor", 5}},
      {base + "CMD [\"/bin/sh\", \"-c\", \"echo broken; exit 4\"]\n", {"exited with status 4", 5}},
      {base + "CMD [\"/no-such-program\"]\n", {"the image has no such program", 5}},
      {base + "CMD [\"/bin/sh\", \"-c\", \"exec httpd -f -p 127.0.0.1:$PORT -h /www\"]\n",
       {"listens on 127.0.0.1:8080, where nothing from outside", 5}},
      {base + "CMD [\"/bin/sh\", \"-c\", \"exec httpd -f -p 3000 -h /www\"]\n",
       {"listens on 0.0.0.0:3000, [::]:3000; it should listen on $PORT, which is 8080", 5}}};
  for (const auto& [dockerfile, expected] : bad) {
    const std::string named = dockerfile.empty() ? "[build]\ndockerfile = \"a/Dockerfile\"\n" : "";
    const auto end =
        deploy_containers(server, {.greeting = "bad", .dockerfile = dockerfile, .settings = named});
    check_exit(end, expected.second);
    BOOST_TEST(mentions(end.err + end.out, expected.first), end.err + end.out);
    BOOST_TEST(server.answer_of("shop") == "good");
  }
}

BOOST_AUTO_TEST_CASE(apps_serve_on_while_the_daemon_is_away_and_pawld_is_killed) {
  constexpr bool live_restore = true;
  docker_daemon daemon{live_restore};
  running_server server(cluster_on(daemon));
  check_exit(deploy_containers(server, {.greeting = "one"}), 0);
  daemon.kill();
  BOOST_TEST(server.answer_of("shop") == "one");
  server.kill();
  server.start();
  BOOST_TEST(server.answer_of("shop") == "one");
  daemon.start();
  check_exit(deploy_containers(server, {.greeting = "two"}), 0);
  BOOST_TEST(server.answer_of("shop") == "two");
  const auto only = lane_of(server).at("instances");
  BOOST_TEST(only.size() == 1U, only.dump());
  BOOST_TEST(only.at(0).at("restarts") == 0, only.dump());
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_not_there_keeps_no_other_cluster_from_being_served) {
  running_server server("[cluster.local]\ndrain = \"0s\"\n"
                        "[cluster.boxes]\nengine = \"docker\"\nsocket = \"nowhere.sock\"\n");
  deploy(server, {.greeting = "served"}, {"-C", "local"});
  BOOST_TEST(server.answer_of("shop") == "served");
  BOOST_TEST(mentions(server.log(), "warning: clusters with engine = \"docker\" build and start "
                                    "nothing until this is mended: no Docker daemon answers at"),
             server.log());
}

BOOST_AUTO_TEST_SUITE_END()
