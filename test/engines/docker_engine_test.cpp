// The Docker engine beyond the contract: what a container may, what a build says, and a daemon that
// ends.
#include "test/engines/contract_steps.hpp"
#include "test/engines/docker_fixture.hpp"
#include "test/engines/line_sender.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <future>
#include <mutex>

using namespace pawl;
using namespace pawl::test;
using engine_cases::ignore_line;
using engine_cases::require;

namespace {

using namespace std::chrono_literals;

template <class T>
std::string problem_of(const result<T>& what) {
  return what ? "" : what.error().message;
}

struct docker_case : docker_fixture {
  using docker_fixture::docker_fixture;

  artifact built(const build_job& job) {
    require(engine->build(job, ignore_line, {}));
    auto pushed = engine->push(job, {});
    require(pushed);
    return *pushed;
  }

  instance_spec spec(const build_job& job) {
    instance_spec made;
    made.name = instance_name(job.deployment, 1);
    made.deployment = job.deployment;
    made.lane = {job.app, "local"};
    made.version = {1};
    made.artifact = built(job).digest;
    made.settings = job.settings;
    made.memory_bytes = 64 * limits::mib;
    made.cpus = 0.5;
    return made;
  }

  instance started(const instance_spec& what) {
    auto running = engine->start(what);
    require(running);
    return *running;
  }

  std::string last_line(const std::string& name) {
    const auto lines = engine->logs().last_lines(name, 1);
    return lines.empty() ? "" : lines.front();
  }

  std::vector<std::string> all_lines(const std::string& name) {
    return engine->logs().read(name, 0, 1000, true).lines;
  }
};

docker_fixture::files app_that(const std::string& does, const std::string& more = "") {
  return {{"Dockerfile", "FROM pawl-test-base:1\n" + more + "COPY run.sh /run.sh\n" +
                             "CMD [\"/bin/sh\", \"/run.sh\"]\n"},
          {"run.sh", does}};
}

// Prints its number each tenth of a second until it is stopped.
const std::string counting = "trap 'exit 0' TERM\n"
                             "i=0; while true; do i=$((i+1)); echo $i; sleep 0.1; done\n";
const std::string waiting = "trap 'exit 0' TERM\nwhile true; do sleep 0.1; done\n";

std::string image_of(const std::string& dockerfile) {
  return "FROM pawl-test-base:1\n" + dockerfile;
}

struct printed {
  std::mutex mutex;
  std::vector<std::string> lines;
  line_sink sink() {
    return [this](std::string_view stream, std::string_view line) {
      const std::lock_guard lock{mutex};
      lines.push_back(fmt::format("{}: {}", stream, line));
    };
  }
  bool has(const std::string& line) {
    const std::lock_guard lock{mutex};
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
};

// Ends when a byte comes to its port.
const std::string ending_by_a_call = "echo up; nc -l -p $PORT >/dev/null; echo called; exit 9\n";

std::size_t count_of_containers() {
  return nlohmann::json::parse(
             ask_docker(docker_suite::daemon(), "GET", "/v1.41/containers/json?all=1"))
      .size();
}

// The state of each end that was told.
class told_end {
public:
  told_end(docker_engine& engine, const std::string& name) : future_(promise_->get_future()) {
    engine.watch(name, [promise = promise_](const instance& ended) { promise->set_value(ended); });
  }
  bool is_told(std::chrono::milliseconds within = patience) const {
    return future_.wait_for(within) == std::future_status::ready;
  }
  instance get() {
    BOOST_REQUIRE(is_told());
    return future_.get();
  }

private:
  std::shared_ptr<std::promise<instance>> promise_ = std::make_shared<std::promise<instance>>();
  std::future<instance> future_;
};

} // namespace

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
  BOOST_TEST(count_of_containers() == 0U);
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
  started(spec(job("d1", app_that("trap 'echo asked' TERM\nwhile true; do sleep 0.1; done\n"))));
  require(engine->stop("d1-1", 1s));
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
  auto what = site.job("d1", app_that(waiting, "RUN echo begun; sleep 2\n"));
  auto building = std::async(std::launch::async,
                             [&] { return problem_of(site.engine->build(what, out.sink(), {})); });
  BOOST_REQUIRE(eventually([&] { return out.has("stdout: begun"); }));
  daemon.kill();
  daemon.start();
  BOOST_TEST(building.get() == "");
  BOOST_TEST(out.has("stderr: pawl: the Docker daemon ended during the build, which begins again"));
  auto spec = site.spec(what);
  daemon.stop();
  auto starting =
      std::async(std::launch::async, [&] { return problem_of(site.engine->start(spec)); });
  BOOST_TEST((starting.wait_for(1s) == std::future_status::timeout));
  daemon.start();
  BOOST_TEST(starting.get() == "");
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
