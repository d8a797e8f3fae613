// Containers of the Docker engine beyond the contract: what they get, and how they end.
#include "test/engines/docker_case.hpp"
#include "test/engines/line_sender.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;
using engine_cases::ignore_line;
using engine_cases::require;

BOOST_AUTO_TEST_SUITE(docker_instances_test, with_docker())

BOOST_FIXTURE_TEST_CASE(a_container_gets_no_more_than_it_needs, docker_case) {
  auto what = spec(job("d1", app_that(waiting)));
  what.settings.run.read_only = true;
  what.settings.run.user = "1000";
  started(what);
  const auto all =
      nlohmann::json::parse(ask_docker(docker_suite::daemon(), "GET", "/v1.41/containers/json"));
  BOOST_REQUIRE_EQUAL(all.size(), 1U);
  const auto one = nlohmann::json::parse(
      ask_docker(docker_suite::daemon(), "GET",
                 "/v1.41/containers/" + all[0].at("Id").get<std::string>() + "/json"));
  const auto& host = one.at("HostConfig");
  BOOST_TEST(host.at("CapDrop").dump() == R"(["ALL"])");
  BOOST_TEST(host.at("CapAdd").dump() == "[]");
  BOOST_TEST(host.at("SecurityOpt").dump() == R"(["no-new-privileges"])");
  BOOST_TEST(host.at("Privileged") == false);
  BOOST_TEST(host.at("ReadonlyRootfs") == true);
  BOOST_TEST(host.at("Memory") == 64 * limits::mib);
  BOOST_TEST(host.at("MemorySwap") == 64 * limits::mib);
  BOOST_TEST(host.at("NanoCpus") == 500'000'000);
  BOOST_TEST(host.at("PidsLimit") == 1024);
  BOOST_TEST(host.at("NetworkMode") == "default");
  BOOST_TEST(host.at("PidMode") == "");
  BOOST_TEST(host.at("Binds").is_null());
  BOOST_TEST(one.at("Mounts").size() == 0U);
  BOOST_TEST(one.at("Config").at("User") == "1000");
}

BOOST_FIXTURE_TEST_CASE(an_instance_gets_its_variables_and_the_port_of_its_image, docker_case) {
  auto what = job("d1", app_that("echo $PAWL_APP $PAWL_INSTANCE $HOST:$PORT $GREETING\n" + waiting,
                                 "EXPOSE 80\n"));
  what.settings.run.env = {{"GREETING", "a=b c"}};
  const auto running = started(spec(what));
  BOOST_TEST(running.address.substr(running.address.rfind(':')) == ":80", running.address);
  BOOST_TEST(eventually_seen([&] { return last_line("d1-1"); }, "shop d1-1 0.0.0.0:80 a=b c") ==
             "shop d1-1 0.0.0.0:80 a=b c");
}

BOOST_FIXTURE_TEST_CASE(a_stop_gives_time_and_then_kills, docker_case) {
  started(spec(
      job("d1", app_that("trap 'echo asked' TERM\necho up\nwhile true; do sleep 0.1; done\n"))));
  BOOST_REQUIRE(eventually([&] { return last_line("d1-1") == "up"; }));
  require(engine->stop("d1-1", 3s));
  BOOST_TEST(last_line("d1-1") == "asked");
  BOOST_TEST(count_of_containers() == 0U);
}

BOOST_FIXTURE_TEST_CASE(an_end_is_told_with_its_status_and_its_last_line, docker_case) {
  auto what = spec(job("d1", app_that("sleep 0.5; echo last; exit 7\n")));
  started(what);
  told_end end{*engine, "d1-1"};
  const auto ended = end.get();
  BOOST_TEST(ended.exit_status.value_or(-1) == 7);
  BOOST_TEST(!ended.out_of_memory);
  BOOST_TEST(last_line("d1-1") == "last");
}

BOOST_FIXTURE_TEST_CASE(one_that_takes_too_much_memory_is_told_so, docker_case) {
  auto what = spec(job("d1", app_that("sleep 0.5; head -c 200m /dev/zero | grep x\n"
                                      "exec grep x /dev/zero\n")));
  started(what);
  told_end end{*engine, "d1-1"};
  BOOST_TEST(end.get().out_of_memory);
  BOOST_TEST(last_line("d1-1") == "pawl: d1-1 was killed: it used more memory than it may have");
}

BOOST_FIXTURE_TEST_CASE(the_check_of_an_image_is_asked_where_the_manifest_names_no_path,
                        docker_case) {
  auto what = spec(job("d1", app_that("touch /tmp/ill\nnc -l -p $PORT >/tmp/healed\n"
                                      "rm /tmp/ill\n" +
                                          waiting,
                                      "HEALTHCHECK --interval=200ms --retries=1 "
                                      "CMD if test -e /tmp/ill; then echo ill; exit 1; fi\n")));
  const auto running = started(what);
  const auto detail = [&] {
    const auto own = engine->own_check("d1-1");
    return own ? own->detail : "none";
  };
  const std::string ill = "the image's HEALTHCHECK: unhealthy, exit status 1: ill";
  const std::string well = "the image's HEALTHCHECK: healthy, exit status 0";
  BOOST_TEST(eventually_seen(detail, ill) == ill);
  BOOST_TEST(!engine->own_check("d1-1")->ok);
  BOOST_REQUIRE(eventually([&] { return send_to(running.address, "x"); }));
  BOOST_TEST(eventually_seen(detail, well) == well);
  BOOST_TEST(engine->own_check("d1-1")->ok);
  what.name = "d1-2";
  what.settings.health.path = "/healthz";
  started(what);
  BOOST_TEST(!engine->own_check("d1-2"));
}

BOOST_FIXTURE_TEST_CASE(a_container_that_somebody_removes_has_ended, docker_case) {
  started(spec(job("d1", app_that(waiting))));
  told_end end{*engine, "d1-1"};
  const auto all =
      nlohmann::json::parse(ask_docker(docker_suite::daemon(), "GET", "/v1.41/containers/json"));
  ask_docker(docker_suite::daemon(), "DELETE",
             "/v1.41/containers/" + all.at(0).at("Id").get<std::string>() + "?force=1");
  BOOST_TEST((end.get().state == instance_state::exited));
  auto listed = engine->list();
  require(listed);
  BOOST_TEST(listed->empty());
}

BOOST_FIXTURE_TEST_CASE(a_log_goes_on_at_its_place_after_a_restart, docker_case) {
  started(spec(job("d1", app_that(counting))));
  BOOST_REQUIRE(eventually([&] { return all_lines("d1-1").size() > 3; }));
  for (int lives = 0; lives < 3; ++lives) {
    open();
    require(engine->list());
    const auto before = all_lines("d1-1").size();
    BOOST_REQUIRE(eventually([&] { return all_lines("d1-1").size() > before + 3; }));
  }
  const auto lines = all_lines("d1-1");
  for (std::size_t i = 0; i < lines.size(); ++i)
    BOOST_REQUIRE_EQUAL(lines[i], std::to_string(i + 1));
}

BOOST_AUTO_TEST_SUITE_END()
