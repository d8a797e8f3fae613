// A Docker engine on a data directory of its own, over the daemon of a suite's tests.
#pragma once

#include "engines/docker/docker_engine.hpp"
#include "test/sources/tar_writer.hpp"
#include "test/support/docker_daemon.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>

namespace pawl::test {

// The daemon that all tests of a suite share: BOOST_AUTO_TEST_SUITE(name, *with_docker()).
class docker_suite {
public:
  docker_suite() : daemon_(std::make_unique<docker_daemon>()) { shared() = daemon_.get(); }
  ~docker_suite() { shared() = nullptr; }
  docker_suite(const docker_suite&) = delete;
  docker_suite& operator=(const docker_suite&) = delete;

  static docker_daemon& daemon() { return *shared(); }

private:
  static docker_daemon*& shared() {
    static docker_daemon* one = nullptr;
    return one;
  }
  std::unique_ptr<docker_daemon> daemon_;
};

inline boost::test_tools::assertion_result docker_is_here(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result able{may_run_docker()};
  able.message() << "skipped: it takes root, and Docker (scripts/setup installs it)";
  return able;
}

inline boost::unit_test::decorator::collector_t& with_docker() {
  return *boost::unit_test::precondition(docker_is_here) *
         boost::unit_test::fixture<docker_suite>();
}

struct docker_fixture {
  docker_fixture() : docker_fixture(docker_suite::daemon()) {}
  explicit docker_fixture(const docker_daemon& daemon) : socket(daemon.socket()) { open(); }

  // Nothing of the engine outlives its test.
  ~docker_fixture() {
    if (!engine)
      open();
    if (auto all = engine->list())
      for (const auto& one : *all)
        (void)engine->stop(one.name, std::chrono::milliseconds{0}).has_value();
  }

  docker_fixture(const docker_fixture&) = delete;
  docker_fixture& operator=(const docker_fixture&) = delete;

  void open() {
    engine.reset();
    docker_engine_config config;
    config.data_dir = home.path();
    config.socket = socket;
    engine = std::make_unique<docker_engine>(std::move(config));
  }

  using files = std::map<std::string, std::string>;

  build_job job(const std::string& deployment, const files& tree) const {
    tar_writer tar;
    for (const auto& [name, contents] : tree)
      tar.file(name, contents);
    write_file(home.path() / (deployment + ".tar"), tar.whole());
    build_job made{deployment, "shop", home.path() / (deployment + ".tar"), {}};
    made.settings.build.timeout = std::chrono::seconds{60};
    return made;
  }

  const std::filesystem::path socket;
  temporary_directory home;
  std::unique_ptr<docker_engine> engine;
};

} // namespace pawl::test
