#include "posix/program_run.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

program_call shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(program_runs)

BOOST_AUTO_TEST_CASE(a_program_reads_its_input_and_its_output_comes_back) {
  auto call = shell("cat; echo further >&2");
  call.input = "given\n";
  BOOST_TEST(*run_program(call) == "given\n");
}

BOOST_AUTO_TEST_CASE(a_failure_says_what_the_program_said) {
  const auto failed = run_program(shell("echo one >&2; echo two >&2; exit 3"));
  BOOST_TEST_REQUIRE(!failed.has_value());
  BOOST_TEST(failed.error().message == "/bin/sh failed: one two");
  BOOST_TEST(run_program(shell("kill -9 $$")).error().message ==
             "/bin/sh failed: it gave no reason");
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not_end_is_ended) {
  auto call = shell("exec sleep 1000");
  call.timeout = std::chrono::seconds{1};
  BOOST_TEST(run_program(call).error().message == "/bin/sh failed: it did not end within 1 s");
}

BOOST_AUTO_TEST_CASE(a_program_is_found_by_its_name) {
  BOOST_TEST(find_program("sh").has_value());
  BOOST_TEST(!find_program("no-program-has-this-name").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
