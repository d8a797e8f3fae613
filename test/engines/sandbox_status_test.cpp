// Parsing bubblewrap's status of a sandbox.
#include "engines/process/sandbox/sandbox_command.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(sandbox_status)

BOOST_AUTO_TEST_CASE(the_pid_counts_only_when_all_of_its_object_has_come) {
  const std::string_view info =
      "{\n    \"child-pid\": 27351,\n    \"pid-namespace\": 4026532186\n}\n";
  for (std::size_t length = 0; length < info.find('}'); ++length)
    BOOST_TEST(!child_pid_in(info.substr(0, length)).has_value());
  BOOST_TEST(child_pid_in(info).value() == 27351);
  BOOST_TEST(child_pid_in("{ \"child-pid\": 12, \"pid-namespace\": 4 }\n").value() == 12);
}

BOOST_AUTO_TEST_CASE(an_exit_code_is_found_behind_the_pid) {
  const std::string_view running = "{ \"child-pid\": 12, \"pid-namespace\": 4 }\n";
  BOOST_TEST(!exit_code_in(running).has_value());
  BOOST_TEST(exit_code_in(std::string{running} + "{ \"exit-code\": 143 }\n").value() == 143);
}

BOOST_AUTO_TEST_SUITE_END()
