// A Docker daemon that ends, with and without its containers, and comes back.
#include "test/engines/docker_case.hpp"
#include "test/engines/line_sender.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;
using engine_cases::ignore_line;
using engine_cases::require;

BOOST_AUTO_TEST_SUITE(docker_outages_test, *boost::unit_test::precondition(docker_is_here))

BOOST_AUTO_TEST_CASE(while_a_daemon_is_away_and_its_containers_run_on_nothing_has_ended) {
  constexpr bool live_restore = true;
  docker_daemon daemon{live_restore};
  docker_case site{daemon};
  const auto running = site.started(site.spec(site.job("d1", app_that(ending_by_a_call))));
  told_end end{*site.engine, "d1-1"};
  daemon.kill();
  for (int lives = 0; lives < 2; ++lives) {
    const auto listed = site.engine->list();
    require(listed);
    BOOST_REQUIRE_EQUAL(listed->size(), 1U);
    BOOST_TEST((listed->front().state == instance_state::running));
    BOOST_TEST(listed->front().address == running.address);
    BOOST_TEST(site.engine->has_artifact("shop", "sha256:" + std::string(64, '0')));
    BOOST_TEST(engine_cases::code_of(site.engine->stop("d1-1", 1s)) == "unavailable");
    if (lives == 0)
      site.open();
  }
  BOOST_TEST(end.is_told(0s) == false);
  told_end later{*site.engine, "d1-1"};
  daemon.start();
  BOOST_TEST(!later.is_told(2s));
  BOOST_REQUIRE(eventually([&] { return send_to(running.address, "x"); }));
  BOOST_TEST(later.get().exit_status.value_or(-1) == 9);
  BOOST_TEST(site.last_line("d1-1") == "called");
}

BOOST_AUTO_TEST_CASE(containers_that_ended_with_their_daemon_are_told_when_it_is_back) {
  docker_daemon daemon;
  docker_case site{daemon};
  site.started(site.spec(site.job("d1", app_that(waiting))));
  told_end end{*site.engine, "d1-1"};
  daemon.kill();
  BOOST_TEST(!end.is_told(1s));
  daemon.start();
  BOOST_TEST((end.get().state == instance_state::exited));
}

BOOST_AUTO_TEST_CASE(a_build_and_a_start_wait_for_a_daemon_that_restarts) {
  docker_daemon daemon;
  docker_case site{daemon};
  printed out;
  // Longer than a machine with other work takes to print a line and to kill the daemon.
  auto what = site.job("d1", app_that(waiting, "RUN echo begun; sleep 10\n"));
  auto building = std::async(std::launch::async,
                             [&] { return problem_of(site.engine->build(what, out.sink(), {})); });
  BOOST_REQUIRE(eventually([&] { return out.has("stdout: begun"); }));
  daemon.kill();
  daemon.start();
  BOOST_TEST(building.get() == "");
  BOOST_TEST(out.has("stderr: pawl: the Docker daemon ended during the build, which begins again"));
  const auto containers = [&] {
    return nlohmann::json::parse(ask_docker(daemon, "GET", "/v1.41/containers/json?all=1")).size();
  };
  BOOST_TEST(containers() == 1U); // the step that the daemon left
  site.engine->discard("d1");
  BOOST_TEST(containers() == 0U);
  auto spec = site.spec(what);
  daemon.stop();
  auto starting =
      std::async(std::launch::async, [&] { return problem_of(site.engine->start(spec)); });
  BOOST_TEST((starting.wait_for(1s) == std::future_status::timeout));
  daemon.start();
  BOOST_TEST(starting.get() == "");
}

BOOST_AUTO_TEST_CASE(a_build_that_ended_while_the_daemon_was_away_is_discarded_when_it_is_back) {
  docker_daemon daemon;
  docker_case site{daemon};
  require(site.engine->build(site.job("d1", app_that(waiting)), ignore_line, {}));
  daemon.stop();
  auto discarding = std::async(std::launch::async, [&] { site.engine->discard("d1"); });
  BOOST_TEST((discarding.wait_for(1s) == std::future_status::timeout));
  daemon.start();
  discarding.get();
  BOOST_TEST(site.engine->leftovers().empty());
}

BOOST_AUTO_TEST_CASE(a_daemon_that_is_not_there_is_told_with_its_socket_and_the_remedy) {
  docker_daemon daemon;
  docker_case site{daemon};
  daemon.stop();
  auto checked = site.engine->check();
  BOOST_REQUIRE(!checked);
  BOOST_TEST(checked.error().message.find(daemon.socket().string()) != std::string::npos);
  BOOST_TEST(checked.error().message.find("systemctl start docker") != std::string::npos);
  daemon.start();
}

BOOST_AUTO_TEST_SUITE_END()
