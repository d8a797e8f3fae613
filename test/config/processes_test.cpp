// Processes of an app: in pawl.toml, in a Procfile, in both.
#include "config/hints.hpp"
#include "config/manifest.hpp"
#include "lifecycle/processes.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using namespace pawl;
using pawl::config::read_manifest;

namespace {

std::string refusal_of(std::string_view toml, std::optional<std::string_view> procfile = {}) {
  auto read = read_manifest(toml, procfile);
  BOOST_REQUIRE_MESSAGE(!read, "this manifest should be refused:\n" << toml);
  return read.error().message;
}

manifest app_said_by(std::string_view toml, std::optional<std::string_view> procfile = {}) {
  auto read = read_manifest(toml, procfile);
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  return *read;
}

} // namespace

BOOST_AUTO_TEST_SUITE(processes)

BOOST_AUTO_TEST_CASE(a_table_makes_a_process) {
  const auto app = app_said_by(R"([run]
command = "./web"
memory = "64M"
cpus = 0.25
env = { A = "run", B = "run" }
[process.worker]
command = "./work"
instances = 2
settle = "5s"
stop_timeout = "30s"
memory = "128M"
cpus = 0.5
env = { B = "worker" }
[deploy]
strategy = "replace"
)");
  BOOST_REQUIRE(app.processes.size() == 1u);
  const auto& worker = app.processes.front();
  BOOST_TEST(worker.name == "worker");
  BOOST_TEST(worker.instances == 2u);
  BOOST_TEST(worker.settle == 5s);
  BOOST_TEST(worker.stop_timeout == 30s);
  BOOST_TEST(worker.memory_bytes == 128 * limits::mib);
  BOOST_TEST(worker.millicpus == 500u);
  BOOST_TEST(app.run.memory_bytes == 64 * limits::mib);
  BOOST_TEST(app.run.millicpus == 250u);
  BOOST_TEST(app.deploy.replaces);
  const auto runs = settings_for(app, "worker").run;
  BOOST_TEST(runs.command == "./work");
  BOOST_TEST(runs.env.at("A") == "run");
  BOOST_TEST(runs.env.at("B") == "worker");
}

BOOST_AUTO_TEST_CASE(a_procfile_alone_is_enough_and_no_line_is_left_out) {
  const auto app =
      app_said_by("", "release: ./migrate\nweb: ./web\nworker: ./work\nclock: ./tick\n");
  BOOST_TEST(app.run.command == "./web");
  BOOST_TEST(app.release.command == "./migrate");
  BOOST_TEST(process_names(app) == (std::vector<std::string>{"web", "worker", "clock"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_table_without_a_command_takes_that_of_the_procfile) {
  const auto app = app_said_by("[process.worker]\ninstances = 3\n", "web: ./web\nworker: ./work\n");
  BOOST_REQUIRE(app.processes.size() == 1u);
  BOOST_TEST(app.processes.front().command == "./work");
  BOOST_TEST(app.processes.front().instances == 3u);
}

BOOST_AUTO_TEST_CASE(an_app_may_have_no_web) {
  BOOST_TEST(!has_web(app_said_by("", "worker: ./work\n")));
  BOOST_TEST(!has_web(app_said_by("[process.worker]\ncommand = \"./work\"\n")));
  BOOST_TEST(
      has_web(app_said_by("[run]\ncommand = \"./web\"\n[process.worker]\ncommand = \"./work\"\n")));
}

BOOST_AUTO_TEST_CASE(mistakes_name_the_place_and_the_remedy) {
  BOOST_TEST(refusal_of("[process.worker]\ninstances = 1\n", "web: ./web\n") ==
             "process.worker has no command: add one to [process.worker], such as command = "
             "\"./work\", or a line worker: to the Procfile");
  BOOST_TEST(refusal_of("[process.web]\ncommand = \"x\"\n", "web: ./web\n") ==
             "line 1: process.web is not a table: the process web is set in [run]");
  BOOST_TEST(
      refusal_of("[process.worker]\ncommand = \"x\"\nsetle = \"1s\"\n", "web: ./web\n") ==
      "line 3: process.worker.setle is not a known key; did you mean process.worker.settle?");
  BOOST_TEST(refusal_of("[process.\"a b\"]\ncommand = \"x\"\n", "web: ./web\n")
                 .find("cannot be the name of a process") != std::string::npos);
  BOOST_TEST(refusal_of("[deploy]\nstrategy = \"blue\"\n", "web: ./web\n")
                 .find("line 2: deploy.strategy must be \"switch\"") == 0u);
  BOOST_TEST(refusal_of("[run]\ninstances = 60\n[process.w]\ncommand = \"x\"\ninstances = 5\n",
                        "web: ./web\n") ==
             "the processes have 65 instances together, but 64 is the "
             "most: lower instances");
  std::string many{"web: ./web\n"};
  for (int i = 0; i < 17; ++i)
    many += "p" + std::to_string(i) + ": ./p\n";
  BOOST_TEST(refusal_of("", many) == "an app has at most 16 processes beside web; remove some");
}

BOOST_AUTO_TEST_SUITE_END()
