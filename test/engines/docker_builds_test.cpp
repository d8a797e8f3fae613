// Builds of the Docker engine beyond the contract.
#include "test/engines/docker_case.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;
using engine_cases::ignore_line;
using engine_cases::require;

BOOST_AUTO_TEST_SUITE(docker_builds_test, with_docker())

BOOST_FIXTURE_TEST_CASE(a_build_prints_lines_of_both_streams_without_colours, docker_case) {
  printed out;
  auto what = job("d1", {{"Dockerfile", image_of("RUN echo said; echo cried >&2\n")}});
  require(engine->build(what, out.sink(), {}));
  BOOST_TEST(out.has("stdout: said"), fmt::format("{}", fmt::join(out.lines, "\n")));
  BOOST_TEST(out.has("stderr: cried"), fmt::format("{}", fmt::join(out.lines, "\n")));
  BOOST_TEST(out.has("stdout: Step 1/4 : FROM pawl-test-base:1"));
}

BOOST_FIXTURE_TEST_CASE(a_failed_step_tells_its_exit_status_and_leaves_no_container, docker_case) {
  auto what = job("d1", {{"Dockerfile", image_of("RUN exit 3\n")}});
  auto failed = engine->build(what, ignore_line, {});
  BOOST_TEST(engine_cases::code_of(failed) == "build_failed");
  BOOST_TEST(failed.error().details.at("exit_status") == "3");
  BOOST_TEST(count_of_containers() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_build_runs_no_more_when_the_call_returns, docker_case) {
  printed out;
  std::stop_source stop;
  auto what = job("d1", {{"Dockerfile", image_of("RUN echo begun; sleep 1000\n")}});
  auto building = std::async(std::launch::async, [&] {
    return engine_cases::code_of(engine->build(what, out.sink(), stop.get_token()));
  });
  BOOST_REQUIRE(eventually([&] { return out.has("stdout: begun"); }));
  stop.request_stop();
  BOOST_TEST(building.get() == "cancelled");
  BOOST_TEST(count_of_containers() == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_build_that_takes_too_long_is_ended, docker_case) {
  auto what = job("d1", {{"Dockerfile", image_of("RUN sleep 1000\n")}});
  what.settings.build.timeout = 1s;
  BOOST_TEST(engine_cases::code_of(engine->build(what, ignore_line, {})) == "timed_out");
  // The time may be over while the daemon still makes the step's container, which it removes then.
  BOOST_TEST(eventually_seen(count_of_containers, 0U) == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_build_gets_its_arguments_and_its_stage, docker_case) {
  printed out;
  auto what = job("d1", {{"Dockerfile", "FROM pawl-test-base:1 AS one\nARG WHO\n"
                                        "RUN echo built for $WHO\nFROM one\nRUN exit 1\n"}});
  what.settings.build.args = {{"WHO", "a & b=c"}};
  what.settings.build.target = "one";
  require(engine->build(what, out.sink(), {}));
  BOOST_TEST(out.has("stdout: built for a & b=c"), fmt::format("{}", fmt::join(out.lines, "\n")));
}

BOOST_FIXTURE_TEST_CASE(a_build_without_a_network_has_only_its_loopback, docker_case) {
  auto what = job("d1", {{"Dockerfile", image_of("RUN test $(ls /sys/class/net) = lo\n")}});
  BOOST_TEST(engine_cases::code_of(engine->build(what, ignore_line, {})) == "build_failed");
  what.settings.build.network = false;
  require(engine->build(what, ignore_line, {}));
}

BOOST_FIXTURE_TEST_CASE(a_build_does_not_see_what_its_dockerignore_leaves_out, docker_case) {
  const std::string looks = "COPY . /all\nRUN test -f /all/kept -a ! -e /all/left\n";
  auto what = job("d1", {{"Dockerfile", image_of(looks)}, {"kept", ""}, {"left", ""}});
  BOOST_TEST(engine_cases::code_of(engine->build(what, ignore_line, {})) == "build_failed");
  what = job(
      "d1",
      {{"Dockerfile", image_of(looks)}, {".dockerignore", "left\n"}, {"kept", ""}, {"left", ""}});
  require(engine->build(what, ignore_line, {}));
}

BOOST_FIXTURE_TEST_CASE(an_image_that_the_daemon_has_is_taken_as_it_is, docker_case) {
  auto what = job("d1", {});
  what.settings.build.image = docker_daemon::base_image;
  what.settings.run.command = "exec sleep 1000";
  auto running = started(spec(what));
  BOOST_TEST((running.state == instance_state::running));
}

BOOST_FIXTURE_TEST_CASE(an_image_whose_registry_is_down_is_told_with_its_name, docker_case) {
  auto what = job("d1", {});
  what.settings.build.image = "127.0.0.1:1/acme/shop:2";
  auto failed = engine->build(what, ignore_line, {});
  BOOST_TEST(engine_cases::code_of(failed) == "build_failed");
  const auto said = failed ? "" : failed.error().message;
  BOOST_TEST(said.find("127.0.0.1:1/acme/shop:2") != std::string::npos, said);
  BOOST_TEST(said.find("registry cannot be reached") != std::string::npos, said);
}

BOOST_AUTO_TEST_SUITE_END()
