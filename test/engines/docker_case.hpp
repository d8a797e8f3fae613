// The steps, apps and looks that the tests of the Docker engine share.
#pragma once

#include "test/engines/contract_steps.hpp"
#include "test/engines/docker_fixture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <future>
#include <mutex>

namespace pawl::test {

template <class T>
std::string problem_of(const result<T>& what) {
  return what ? "" : what.error().message;
}

struct docker_case : docker_fixture {
  using docker_fixture::docker_fixture;

  artifact built(const build_job& job) {
    engine_cases::require(engine->build(job, engine_cases::ignore_line, {}));
    auto pushed = engine->push(job, {});
    engine_cases::require(pushed);
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
    engine_cases::require(running);
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

inline docker_fixture::files app_that(const std::string& does, const std::string& more = "") {
  return {{"Dockerfile", "FROM pawl-test-base:1\n" + more + "COPY run.sh /run.sh\n" +
                             "CMD [\"/bin/sh\", \"/run.sh\"]\n"},
          {"run.sh", does}};
}

// Prints its number each tenth of a second until it is stopped.
inline const std::string counting = "trap 'exit 0' TERM\n"
                                    "i=0; while true; do i=$((i+1)); echo $i; sleep 0.1; done\n";
inline const std::string waiting = "trap 'exit 0' TERM\nwhile true; do sleep 0.1; done\n";

inline std::string image_of(const std::string& dockerfile) {
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
inline const std::string ending_by_a_call =
    "echo up; nc -l -p $PORT >/dev/null; echo called; exit 9\n";

inline std::size_t count_of_containers() {
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

} // namespace pawl::test
