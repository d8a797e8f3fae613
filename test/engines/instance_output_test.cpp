#include "engines/process/instance_output.hpp"

#include "test/engines/engine_fixture.hpp"
#include "test/support/eventually.hpp"

#include <boost/algorithm/string/join.hpp>
#include <boost/test/unit_test.hpp>

#include <future>

#include <sys/wait.h>
#include <unistd.h>

using namespace pawl;
using namespace pawl::test;

namespace {

struct output_fixture : engine_fixture {
  void start(const std::string& command) {
    BOOST_TEST_REQUIRE(message_of(engine->start(app("d1", {{"file", "x"}}, command))) == "");
  }

  // Waits for its end, as a lane does.
  void wait_for_exit() {
    auto promise = std::make_shared<std::promise<void>>();
    auto exited = promise->get_future();
    engine->watch("d1-1", [promise](const instance&) { promise->set_value(); });
    BOOST_TEST_REQUIRE((exited.wait_for(patience) == std::future_status::ready));
  }

  std::string log(std::size_t most_lines = 100) {
    return boost::algorithm::join(engine->logs().last_lines("d1-1", most_lines), " ");
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(instance_outputs)

BOOST_FIXTURE_TEST_CASE(an_app_opens_its_output_again_and_takes_nothing_back, output_fixture) {
  start("echo one; echo two >/dev/stdout; echo three >>/dev/stderr; : >/dev/stdout\n"
        "perl -e 'truncate(STDOUT, 0); seek(STDOUT, 0, 0); print \"four\\n\"'\n"
        "(cat </dev/stdout) 2>/dev/null; echo five");
  wait_for_exit();
  BOOST_TEST(log() == "one two three four five");
}

BOOST_FIXTURE_TEST_CASE(no_secret_is_in_the_log_of_an_app, output_fixture) {
  auto spec =
      app("d1", {{"file", "x"}},
          "echo it is $TOKEN; printf open-; sleep 0.2; echo sesame; printf %s $TOKEN | base64; "
          "echo open-sesam; printf 'the end open-ses'");
  spec.variables = {{"TOKEN", secret{"open-sesame"}, true}};
  spec.redacted = redaction_table::of(spec.variables);
  BOOST_TEST_REQUIRE(message_of(engine->start(spec)) == "");
  wait_for_exit();
  BOOST_TEST(log() == "it is [TOKEN] [TOKEN] [TOKEN] open-sesam the end open-ses");
}

BOOST_FIXTURE_TEST_CASE(a_build_opens_its_output_again, engine_fixture) {
  BOOST_TEST(message_of(build("d1", {}, "echo one >/dev/stdout; echo two >>/dev/stderr")) == "");
  BOOST_TEST(has_line("stdout", "one"));
  BOOST_TEST(has_line("stderr", "two"));
}

// Many times the size of a pipe.
BOOST_FIXTURE_TEST_CASE(an_app_prints_while_no_server_runs, output_fixture) {
  start("seq 300000");
  engine.reset();
  open();
  BOOST_TEST_REQUIRE(engine->list()->size() == 1U);
  wait_for_exit();
  BOOST_TEST(log(2) == "299999 300000");
  const auto page = engine->logs().read("d1-1", 0, 1, true);
  BOOST_TEST(page.lines.front() == "1");
}

BOOST_FIXTURE_TEST_CASE(all_that_was_printed_is_in_the_log_when_an_app_is_stopped, output_fixture) {
  // Its children are told to stop too, so it prints by itself.
  start("trap 'i=0; while [ $i -lt 5000 ]; do i=$((i + 1)); echo $i; done; exit' TERM\n"
        "echo up; while :; do sleep 0.1; done");
  BOOST_TEST_REQUIRE(eventually([&] { return log() == "up"; }));
  BOOST_TEST_REQUIRE(message_of(engine->stop("d1-1", patience)) == "");
  BOOST_TEST(log(1) == "5000");
}

BOOST_AUTO_TEST_CASE(a_log_writer_ends_with_its_instance_whoever_else_holds_the_pipe) {
  const temporary_directory home;
  const auto file = home.path() / "log";
  std::filesystem::permissions(home.path(), std::filesystem::perms{0755});
  auto log = open_file(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
  BOOST_REQUIRE(log.has_value());
  auto output = instance_output::begin(*log, {}, ::geteuid() == 0 ? first_app_identity : 0);
  BOOST_TEST_REQUIRE(message_of(output) == "");
  const descriptor held{::fcntl(output->end(), F_DUPFD_CLOEXEC, 3)};
  BOOST_REQUIRE(write_all(held.get(), "one\n").has_value());
  const auto writer = open_process(output->writer());
  output->finish();
  BOOST_TEST(engine_fixture::read(file) == "one\n");
  BOOST_TEST(wait_for_end(writer, std::chrono::milliseconds{0}));
}

BOOST_AUTO_TEST_SUITE_END()
